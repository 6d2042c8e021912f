package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciNamespace;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Kernel parameters of the container's namespaces. The kernel looks at the namespaces of the thread
 * that opens the file, so they are written by a thread that has entered them, through the host's
 * own /proc, which nothing in an image can replace (CVE-2019-16884).
 */
final class Sysctls {
  private static final List<String> IPC =
      List.of(
          "kernel/msgmax",
          "kernel/msgmnb",
          "kernel/msgmni",
          "kernel/sem",
          "kernel/shmall",
          "kernel/shmmax",
          "kernel/shmmni",
          "kernel/shm_rmid_forced");

  private Sysctls() {}

  /** The path below /proc/sys for each parameter; refuses those that would change the host. */
  static void check(OciLinux linux) throws IOException {
    for (String name : linux.sysctl().keySet()) {
      String path = path(name);
      OciNamespace.Type owner = owner(path);
      if (owner == null) {
        throw new IOException("set sysctl " + name + ": it is not of any one namespace");
      }
      if (linux.namespace(owner).isEmpty()) {
        throw new IOException(
            "set sysctl "
                + name
                + ": the container shares the host's "
                + owner.specName()
                + " namespace");
      }
    }
  }

  private static OciNamespace.Type owner(String path) {
    if (path.startsWith("net/")) {
      return OciNamespace.Type.NETWORK;
    }
    if (IPC.contains(path) || path.startsWith("fs/mqueue/")) {
      return OciNamespace.Type.IPC;
    }
    if (path.equals("kernel/domainname") || path.equals("kernel/hostname")) {
      return OciNamespace.Type.UTS;
    }
    return null;
  }

  /** Either separator may be the first, and the other then stands for a dot (sysctl(8)). */
  static String path(String name) throws IOException {
    StringBuilder path = new StringBuilder(name);
    int slash = name.indexOf('/');
    int dot = name.indexOf('.');
    if (dot >= 0 && (slash < 0 || dot < slash)) {
      for (int i = 0; i < path.length(); i++) {
        char c = path.charAt(i);
        path.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
      }
    }
    String made = path.toString();
    if (made.startsWith("/") || ("/" + made + "/").contains("/../")) {
      throw new IOException("set sysctl " + name + ": not a parameter's name");
    }
    return made;
  }

  static void write(Linux linux, Map<String, String> parameters) throws IOException {
    for (Map.Entry<String, String> entry : parameters.entrySet()) {
      try {
        linux.files().writeText("/proc/sys/" + path(entry.getKey()), entry.getValue());
      } catch (LinuxException e) {
        throw new IOException(
            "set sysctl " + entry.getKey() + " to \"" + entry.getValue() + "\": " + e.getMessage(),
            e);
      }
    }
  }
}
