package io.gantry.runtime.linux;

/** The security modules that the running kernel has switched on. Immutable; read once. */
public final class SecurityModules {
  private static final String APPARMOR = "/sys/module/apparmor/parameters/enabled";

  private static final String APPARMOR_PROFILES = "/sys/kernel/security/apparmor/profiles";

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

  /**
   * The AppArmor profiles that the kernel knows, one per line, each with its mode in parentheses.
   *
   * @throws LinuxException if securityfs is not mounted, or there is no AppArmor
   */
  public static String loadedAppArmorProfiles(Files files) throws LinuxException {
    return files.readText(APPARMOR_PROFILES);
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
