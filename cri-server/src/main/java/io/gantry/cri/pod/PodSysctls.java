package io.gantry.cri.pod;

import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.CriException;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Kernel parameters of a pod's namespaces: those asked for, and those that let a container do
 * without root what Docker and containerd let it do. They go with the namespaces.
 */
final class PodSysctls implements PodPart {
  private static final String UNPRIVILEGED_PORT_START = "net.ipv4.ip_unprivileged_port_start";
  private static final String PING_GROUP_RANGE = "net.ipv4.ping_group_range";

  /** The parameters of IPC namespaces (ipc_namespaces(7)) that have no common prefix. */
  private static final Set<String> IPC =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private final Linux linux;
  private final PinnedNamespaces namespaces;
  private final Supplier<Config> config;

  PodSysctls(Linux linux, PinnedNamespaces namespaces, Supplier<Config> config) {
    this.linux = linux;
    this.namespaces = namespaces;
    this.config = config;
  }

  @Override
  public String name() {
    return "sysctls";
  }

  /**
   * Refuses parameters that would change the host.
   *
   * @throws CriException INVALID_REQUEST naming the parameter and the namespace that is missing
   */
  static void check(Pod pod) {
    for (String asked : pod.config().getLinux().getSysctlsMap().keySet()) {
      String name = dotted(asked);
      if (name.startsWith("net.")) {
        refuseUnless(pod.paths().networkNamespace().isPresent(), asked, "network");
      } else if (isIpc(name)) {
        refuseUnless(pod.paths().ipcNamespace().isPresent(), asked, "IPC");
      } else if (name.equals("kernel.domainname")) {
        refuseUnless(pod.paths().utsNamespace().isPresent(), asked, "UTS");
      } else {
        throw CriException.invalid(
            "sysctl " + asked + ": belongs to no namespace of a pod; it would change the host");
      }
    }
  }

  private static void refuseUnless(boolean own, String sysctl, String namespace) {
    if (!own) {
      throw CriException.invalid(
          "sysctl %s: the pod uses the host's %s namespace; it would change the host"
              .formatted(sysctl, namespace));
    }
  }

  private static String dotted(String name) {
    int dot = name.indexOf('.');
    int slash = name.indexOf('/');
    return slash >= 0 && (dot < 0 || slash < dot) ? name.replace('/', '.') : name;
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    Map<String, String> asked = new TreeMap<>(pod.config().getLinux().getSysctlsMap());
    Map<String, String> defaults = defaults(pod);
    asked.keySet().forEach(name -> defaults.remove(dotted(name)));
    if (asked.isEmpty() && defaults.isEmpty()) {
      return pod;
    }
    return namespaces.visit(
        pod,
        () -> {
          for (Map.Entry<String, String> sysctl : defaults.entrySet()) {
            setIfThere(sysctl.getKey(), sysctl.getValue());
          }
          set(asked, false);
          if (pod.users().isPresent()) {
            // Those of an IPC namespace can be set by the root of its user namespace alone.
            linux.processes().actAs(pod.users().get().rootUid(), pod.users().get().rootGid());
          }
          set(asked, true);
          return pod;
        });
  }

  private void set(Map<String, String> asked, boolean ipc) throws LinuxException {
    for (Map.Entry<String, String> sysctl : asked.entrySet()) {
      if (isIpc(dotted(sysctl.getKey())) == ipc) {
        linux.host().setSysctl(sysctl.getKey(), sysctl.getValue());
      }
    }
  }

  private static boolean isIpc(String name) {
    return IPC.contains(name) || name.startsWith("fs.mqueue.");
  }

  private Map<String, String> defaults(Pod pod) {
    Map<String, String> defaults = new TreeMap<>();
    if (pod.paths().networkNamespace().isPresent()) {
      if (config.get().pods().unprivilegedPorts()) {
        defaults.put(UNPRIVILEGED_PORT_START, "0");
      }
      // The range would hold groups that the pod's user namespace does not know.
      if (config.get().pods().unprivilegedIcmp() && pod.users().isEmpty()) {
        defaults.put(PING_GROUP_RANGE, "0 2147483647");
      }
    }
    return defaults;
  }

  /** Nobody asked for a default; a kernel without IPv4, say, does without. */
  private void setIfThere(String name, String value) throws LinuxException {
    try {
      linux.host().setSysctl(name, value);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  @Override
  public void undo(Pod pod) {}
}
