package io.gantry.runtime.linux;

/** The security modules that the running kernel has switched on. Immutable; read once. */
public final class SecurityModules {
  private static final String APPARMOR = "/sys/module/apparmor/parameters/enabled";

  /** selinuxfs is mounted here where SELinux is on, see selinux(8). */
  private static final String SELINUX = "/sys/fs/selinux/enforce";

  private final boolean appArmor;
  private final boolean seLinux;

  private SecurityModules(boolean appArmor, boolean seLinux) {
    this.appArmor = appArmor;
    this.seLinux = seLinux;
  }

  public static SecurityModules of(Files files) {
    return new SecurityModules(firstByte(files, APPARMOR) == 'Y', firstByte(files, SELINUX) != 0);
  }

  public boolean appArmor() {
    return appArmor;
  }

  public boolean seLinux() {
    return seLinux;
  }

  /** 0 where the file cannot be read, which means that the module is not there. */
  private static int firstByte(Files files, String path) {
    byte[] buffer = new byte[1];
    try (Fd file = files.open(Fd.CWD, path, FileFlags.O_RDONLY, 0)) {
      return files.read(file, buffer, 0, 1) == 1 ? buffer[0] : 0;
    } catch (LinuxException absent) {
      return 0;
    }
  }
}
