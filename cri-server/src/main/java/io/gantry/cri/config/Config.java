package io.gantry.cri.config;

import io.gantry.image.PinnedNames;
import io.gantry.image.distribution.access.Rule;
import io.gantry.proto.frontend.FrontendSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The daemon's settings, complete and checked. See {@link Keys} for the meaning, unit, range and
 * default of each.
 *
 * @param paths where gantry keeps things
 */
public record Config(
    Paths paths,
    Server server,
    Images images,
    Registry registry,
    Cni cni,
    Networks networks,
    Shim shim,
    Cgroup cgroup,
    Pods pods,
    Containers containers,
    Cdi cdi,
    Checkpoint checkpoint,
    Nri nri,
    Streaming streaming,
    Log log,
    RegistryServer registryServer,
    Docker docker,
    Runtimes runtimes) {

  /** Every path of gantry's own derives from the two roots. */
  public record Paths(Path root, Path state) {
    public Path podRecords() {
      return root.resolve("pods");
    }

    public Path podState() {
      return state.resolve("pods");
    }

    public Path containerRecords() {
      return root.resolve("containers");
    }

    public Path writableLayers() {
      return root.resolve("writable-layers");
    }

    public Path volumeRecords() {
      return root.resolve("volume-records");
    }

    /** The volumes themselves. */
    public Path volumes() {
      return root.resolve("volumes");
    }

    /** Where layers are mounted for those who look into them, each seen by one thread alone. */
    public Path view() {
      return state.resolve("view");
    }

    public Path nodeId() {
      return root.resolve("node-id");
    }

    public Path bundles() {
      return state.resolve("bundles");
    }

    /** Images mounted while the containers that use them are made. */
    public Path imageVolumes() {
      return state.resolve("image-volumes");
    }

    public Path shims() {
      return state.resolve("shims");
    }

    /** What is saved of containers, until it is in an archive. Too large for memory. */
    public Path checkpoints() {
      return root.resolve("checkpoints");
    }

    /** Records of pods that are being saved. */
    public Path podCheckpoints() {
      return root.resolve("pod-checkpoints");
    }

    /** Records of pods that are being restored. */
    public Path podRestorations() {
      return root.resolve("pod-restorations");
    }

    /** What builds keep for later ones, and need on the way. */
    public Path builds() {
      return root.resolve("build");
    }

    /** Mounts of builds' steps. */
    public Path buildState() {
      return state.resolve("build");
    }

    public Path events() {
      return root.resolve("events");
    }

    /** Of other runtimes' own: a directory for each handler. */
    public Path runtimes() {
      return state.resolve("runtimes");
    }

    /** What the Docker side keeps. */
    public Path docker() {
      return root.resolve("docker");
    }

    /** Networks that have names, and who is connected to them. */
    public Path networks() {
      return root.resolve("networks");
    }

    public Path cniResults() {
      return root.resolve("cni");
    }
  }

  public record Server(ListenAddress listen, int maxReceiveBytes, Duration stopTimeout) {}

  /**
   * Images and where they come from.
   *
   * @param pinned which images a kubelet leaves alone when it makes room
   * @param signaturePolicy what images must meet to be pulled, as a policy.json
   * @param checkAfterCrash whether they are checked after the machine went down unawares
   */
  public record Images(
      Path certsDir,
      int maxConcurrentDownloads,
      int maxConnections,
      int maxConcurrentUnpacks,
      PinnedNames pinned,
      Optional<Path> signaturePolicy,
      boolean checkAfterCrash) {}

  /**
   * How registries are talked to.
   *
   * @param authFile credentials for requests that bring none, in the form of Docker's config.json
   * @param httpProxy as the file has it; empty for the environment's
   */
  public record Registry(
      Optional<Path> authFile,
      Duration helperTimeout,
      String httpProxy,
      String httpsProxy,
      List<String> noProxy,
      Duration responseTimeout,
      Duration noProgressTimeout,
      long leastBytesPerSecond,
      int attempts,
      Duration longestPause,
      Duration retryBudget,
      long partBytes,
      int connectionsPerLayer) {
    public Registry {
      noProxy = List.copyOf(noProxy);
    }

    /** Without the proxies, which may hold passwords. */
    @Override
    public String toString() {
      return "Registry[authFile=" + authFile + "]";
    }
  }

  /**
   * @param confTemplate what a network configuration is made from when the cluster tells the pods'
   *     addresses; empty if it is somebody else's to write
   */
  public record Cni(
      Path confDir,
      List<Path> binDirs,
      Duration timeout,
      IpPreference ipPreference,
      Optional<Path> confTemplate) {
    public Cni {
      binDirs = List.copyOf(binDirs);
    }
  }

  /**
   * Networks that have names.
   *
   * @param pools where subnets are taken from, the first ones first
   * @param interfacePrefix how the names of bridges begin
   */
  public record Networks(List<AddressPool> pools, String interfacePrefix) {
    public Networks {
      pools = List.copyOf(pools);
    }
  }

  /**
   * @param executable the shim's launcher; empty means bin/containerd-shim-gantry-v2 of the
   *     distribution that gantryd runs from
   */
  public record Shim(
      Optional<Path> executable, int poolSize, Duration startTimeout, List<String> jvmFlags) {
    public Shim {
      jvmFlags = List.copyOf(jvmFlags);
    }
  }

  /**
   * @param defaultParent of pods that name none; empty for the driver's own
   */
  public record Cgroup(CgroupDriverChoice driver, Optional<String> defaultParent) {}

  public record Pods(long shmBytes, boolean unprivilegedPorts, boolean unprivilegedIcmp) {}

  /**
   * Every container.
   *
   * @param writableLayerBytes the most that one may write into its own layer; 0 for any amount
   */
  public record Containers(
      int maxLogLineBytes, int execOutputBytes, boolean seLinux, long writableLayerBytes) {}

  /**
   * @param socket where plugins connect; empty means that none may
   */
  public record Nri(
      boolean enable,
      Optional<Path> socket,
      Path pluginPath,
      Path pluginConfigPath,
      Duration registrationTimeout,
      Duration requestTimeout,
      boolean serial) {}

  /**
   * @param address where the streaming server listens: an IP address
   * @param tlsCert with {@code tlsKey}, or neither
   */
  public record Streaming(
      InetAddress address,
      int port,
      Optional<Path> tlsCert,
      Optional<Path> tlsKey,
      Duration idleTimeout,
      Duration streamCreationTimeout) {}

  /**
   * @param specDirs later ones go before earlier ones
   */
  public record Cdi(List<Path> specDirs) {
    public Cdi {
      specDirs = List.copyOf(specDirs);
    }
  }

  /**
   * @param criu CRIU's path, or its name
   * @param images whether images that are checkpoints are restored
   */
  public record Checkpoint(String criu, boolean images) {}

  public record Log(LogLevel level) {}

  /**
   * @param listen where images are served; empty if nowhere
   * @param tlsCert with {@code tlsKey}, or neither
   * @param htpasswd empty if nobody needs a password
   * @param upstream the registry that this one is a cache of, as references name it
   * @param uploadTimeout for one blob, from the beginning of its upload to its end
   */
  public record RegistryServer(
      Optional<InetSocketAddress> listen,
      Optional<Path> tlsCert,
      Optional<Path> tlsKey,
      Optional<Path> htpasswd,
      List<Rule> rules,
      boolean readOnly,
      Optional<String> upstream,
      int maxConnections,
      long maxBlobBytes,
      int maxManifestBytes,
      Duration uploadTimeout,
      Duration progressTimeout) {
    public RegistryServer {
      rules = List.copyOf(rules);
    }
  }

  /** The Docker Engine API: empty if it is not served. */
  public record Docker(Optional<FrontendSettings> settings) {}

  /**
   * The runtime handlers that pods may name.
   *
   * @param defaultName the handler of pods that name none; one of {@code byName}
   */
  public record Runtimes(String defaultName, Map<String, Runtime> byName) {
    public Runtimes {
      byName = Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /** The handler that a pod names; "" is the default one. Empty if there is none. */
    public Optional<Runtime> find(String handler) {
      return Optional.ofNullable(byName.get(handler.isEmpty() ? defaultName : handler));
    }
  }

  /**
   * A runtime handler.
   *
   * @param shim {@link #OWN_SHIM}, or which containerd shim v2 runs the containers
   * @param binaryName the OCI runtime that runc's shim calls; empty for its own default
   * @param configPath of the shim's own configuration file
   */
  public record Runtime(
      String name,
      String shim,
      Sharing sharing,
      Optional<String> binaryName,
      Optional<Path> configPath,
      boolean privilegedWithoutHostDevices) {
    /** The value of {@code shim} that means gantry's own. */
    public static final String OWN_SHIM = "gantry";

    public boolean isOwn() {
      return shim.equals(OWN_SHIM);
    }
  }

  /** The settings of a machine without a gantry.toml. */
  public static Config defaults() {
    return Values.defaults().config();
  }
}
