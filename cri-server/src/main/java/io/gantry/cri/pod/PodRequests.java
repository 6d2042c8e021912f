package io.gantry.cri.pod;

import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.cri.cni.Capabilities;
import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.runtime.linux.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/** Turns a request for a pod into a pod that is still to be made, or says what is wrong with it. */
final class PodRequests {
  private static final int MAX_HOSTNAME_BYTES = 64; // sethostname(2)
  private static final int ID_BYTES = 32;

  private final Supplier<Config> config;
  private final Host host;
  private final CgroupDriver cgroups;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  PodRequests(Supplier<Config> config, Host host, CgroupDriver cgroups, Clock clock) {
    this.config = config;
    this.host = host;
    this.cgroups = cgroups;
    this.clock = clock;
  }

  /**
   * The pod that was asked for, with an id.
   *
   * @throws CriException INVALID_REQUEST, or NOT_BUILT for what gantry does not do
   */
  Pod toPod(RunPodSandboxRequest request) throws IOException {
    PodSandboxConfig asked = request.getConfig();
    check(request);
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    String parent = asked.getLinux().getCgroupParent();
    PodPaths paths = PodPaths.of(config.get().paths().podState(), id, asked);
    // Without a UTS namespace of its own the name that processes see is the host's.
    boolean named = !asked.getHostname().isEmpty() && paths.utsNamespace().isPresent();
    Pod pod =
        new Pod(
            id,
            asked,
            request.getRuntimeHandler(),
            clock.instant(),
            new PodState.Making(),
            List.of(),
            named ? asked.getHostname() : host.hostName(),
            parent.isEmpty() ? cgroups.defaultParent() : cgroups.ofPod(parent),
            paths);
    PodSysctls.check(pod);
    return pod;
  }

  /** A pod of which only the id is left: whatever a pod can have, it may have. */
  static Pod unknown(String id, Path podState, String cgroupParent) {
    PodSandboxConfig nothing = PodSandboxConfig.getDefaultInstance();
    return new Pod(
        id,
        nothing,
        "",
        Instant.EPOCH,
        new PodState.Making(),
        List.of(),
        "",
        cgroupParent,
        PodPaths.of(podState, id, nothing));
  }

  private void check(RunPodSandboxRequest request) {
    PodSandboxConfig asked = request.getConfig();
    Config.Runtimes runtimes = config.get().runtimes();
    if (runtimes.find(request.getRuntimeHandler()).isEmpty()) {
      throw CriException.invalid(
          "runtime handler \"%s\" is not known: gantry.toml has no table [runtimes.%s]; there are %s"
              .formatted(
                  request.getRuntimeHandler(),
                  request.getRuntimeHandler(),
                  String.join(", ", runtimes.byName().keySet())));
    }
    if (asked.getMetadata().getName().isEmpty()) {
      throw CriException.invalid("the pod's metadata has no name");
    }
    if (asked.getHostname().length() > MAX_HOSTNAME_BYTES
        || asked.getHostname().chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '/')) {
      throw CriException.invalid(
          "host name \"%s\" is not valid: at most %d printable characters"
              .formatted(asked.getHostname(), MAX_HOSTNAME_BYTES));
    }
    String logs = asked.getLogDirectory();
    if (!logs.isEmpty() && !(Path.of(logs).isAbsolute() && isPlain(Path.of(logs)))) {
      throw CriException.invalid(
          "log directory \"" + logs + "\" is not an absolute path without \"..\"");
    }
    checkNamespaces(PodPaths.namespaces(asked));
    PodUsers.check(PodPaths.namespaces(asked));
    checkDns(asked.getDnsConfig());
    PodNetwork.check(asked);
    SharedMemory.check(asked);
    try {
      Capabilities.of(asked);
    } catch (IllegalArgumentException e) {
      throw new CriException(Failure.INVALID_REQUEST, e.getMessage(), e);
    }
  }

  /** Whether a path goes where it seems to go. */
  private static boolean isPlain(Path path) {
    return path.normalize().getNameCount() == path.getNameCount();
  }

  private static void checkNamespaces(NamespaceOption options) {
    for (NamespaceMode mode : List.of(options.getNetwork(), options.getIpc())) {
      if (mode != NamespaceMode.POD && mode != NamespaceMode.NODE) {
        throw CriException.invalid(
            "a pod's network and IPC namespaces are POD or NODE, not " + mode);
      }
    }
    if (options.getPid() == NamespaceMode.TARGET
        || options.getPid() == NamespaceMode.UNRECOGNIZED) {
      throw CriException.invalid("a pod's PID namespace is POD, CONTAINER or NODE");
    }
  }

  /** What goes into resolv.conf must stay the line and word that it is meant to be. */
  private static void checkDns(DNSConfig dns) {
    for (List<String> words :
        List.of(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList())) {
      for (String word : words) {
        if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
          throw CriException.invalid("DNS setting \"" + word + "\" is not one word");
        }
      }
    }
  }
}
