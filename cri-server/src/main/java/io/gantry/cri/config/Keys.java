package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RELOAD;
import static io.gantry.cri.config.Key.Change.RESTART;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every key of gantry.toml with its default: the one place where a default is written. */
final class Keys {
  private static final long MIB = 1 << 20;

  static final Key<Path> ROOT =
      key(
          "paths",
          "root",
          Kinds.path(),
          Path.of("/var/lib/gantry"),
          RESTART,
          "What must outlive a reboot: images, snapshots, records of pods and containers.");
  static final Key<Path> STATE =
      key(
          "paths",
          "state",
          Kinds.path(),
          Path.of("/run/gantry"),
          RESTART,
          "What a reboot may wipe: sockets, bundles, pinned namespaces.");

  static final Key<ListenAddress> LISTEN =
      new Key<>(
          "server",
          "listen",
          Kinds.listenAddress(),
          values -> new ListenAddress(values.get(STATE).resolve("gantry.sock")),
          RESTART,
          "The unix socket that serves the CRI. Left out, it is gantry.sock in paths.state.");
  static final Key<Long> MAX_RECEIVE_BYTES =
      key(
          "server",
          "max_receive_bytes",
          Kinds.number(MIB, Integer.MAX_VALUE),
          16 * MIB,
          RESTART,
          "The largest request, in bytes.");
  static final Key<Duration> STOP_TIMEOUT =
      key(
          "server",
          "stop_timeout",
          Kinds.duration(),
          Duration.ofSeconds(10),
          RELOAD,
          "How long requests in flight may run on when the daemon is told to stop.");

  static final Key<Path> CERTS_DIR =
      key(
          "images",
          "certs_d",
          Kinds.path(),
          Path.of("/etc/gantry/certs.d"),
          RESTART,
          "Directory of per-registry settings: HOST/hosts.toml.");
  static final Key<Long> MAX_CONCURRENT_DOWNLOADS =
      key(
          "images",
          "max_concurrent_downloads",
          Kinds.number(1, 64),
          3L,
          RESTART,
          "How many layers of one image are downloaded at a time (1-64).");
  static final Key<Long> MAX_CONNECTIONS =
      key(
          "images",
          "max_connections",
          Kinds.number(1, 1024),
          16L,
          RESTART,
          "How many connections download layers at a time, for all images together (1-1024).");
  static final Key<Long> MAX_CONCURRENT_UNPACKS =
      key(
          "images",
          "max_concurrent_unpacks",
          Kinds.number(1, 64),
          4L,
          RESTART,
          "How many layers of one image are unpacked at a time (1-64).");

  static final Key<Path> CNI_CONF_DIR =
      key(
          "cni",
          "conf_dir",
          Kinds.path(),
          Path.of("/etc/cni/net.d"),
          RESTART,
          "Directory of network configurations; the first valid one in byte order is used.");
  static final Key<List<Path>> CNI_BIN_DIRS =
      key(
          "cni",
          "bin_dirs",
          Kinds.paths(),
          List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
          RESTART,
          "Directories searched for network plugins, in this order.");
  static final Key<Duration> CNI_TIMEOUT =
      key(
          "cni",
          "timeout",
          Kinds.duration(),
          Duration.ofSeconds(60),
          RESTART,
          "How long one plugin may run before it is killed.");
  static final Key<IpPreference> CNI_IP_PREFERENCE =
      key(
          "cni",
          "ip_preference",
          Kinds.oneOf(IpPreference.class),
          IpPreference.IPV4,
          RESTART,
          "Which address is a pod's main one: \"ipv4\", \"ipv6\" or \"cni\" (the plugins' order).");

  static final Key<Optional<Path>> CNI_CONF_TEMPLATE =
      key(
          "cni",
          "conf_template",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "A network configuration with {{.PodCIDR}}, {{.PodCIDRRanges}} or {{.Routes}} in it, for"
              + " clusters that tell nodes their pods' addresses. \"\" writes none.");

  static final Key<List<AddressPool>> NETWORK_POOLS =
      key(
          "networks",
          "pools",
          Kinds.addressPools(),
          Stream.concat(
                  java.util.stream.IntStream.rangeClosed(17, 31)
                      .mapToObj(second -> AddressPool.parse("172." + second + ".0.0/16:16")),
                  Stream.of(AddressPool.parse("192.168.0.0/16:20")))
              .toList(),
          RESTART,
          "Where subnets of networks that name none are taken from: BASE/BITS:BITS-OF-EACH.");
  static final Key<String> NETWORK_INTERFACES =
      key(
          "networks",
          "interface_prefix",
          Kinds.interfacePrefix(),
          "gantry",
          RESTART,
          "How the names of networks' bridges begin; in capitals, those of their iptables chains.");

  static final Key<Optional<Path>> SHIM_EXECUTABLE =
      key(
          "shim",
          "executable",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "The shim's launcher. \"\" is the one that came with this gantryd.");
  static final Key<Long> SHIM_POOL_SIZE =
      key(
          "shim",
          "pool_size",
          Kinds.number(0, 64),
          2L,
          RESTART,
          "How many shims are kept started ahead of need (0-64).");
  static final Key<Duration> SHIM_START_TIMEOUT =
      key(
          "shim",
          "start_timeout",
          Kinds.duration(),
          Duration.ofSeconds(30),
          RESTART,
          "How long a shim may take to start before it is given up.");
  static final Key<List<String>> SHIM_JVM_FLAGS =
      key(
          "shim",
          "jvm_flags",
          Kinds.texts(),
          List.of(),
          RESTART,
          "JVM flags for shims, after the launcher's own.");

  static final Key<CgroupDriverChoice> CGROUP_DRIVER =
      key(
          "cgroup",
          "driver",
          Kinds.oneOf(CgroupDriverChoice.class),
          CgroupDriverChoice.CGROUPFS,
          RESTART,
          "Who makes cgroups: \"cgroupfs\", \"systemd\", or \"auto\", which is systemd where that"
              + " runs the machine. The kubelet's must be the same; newer ones ask.");
  static final Key<Optional<String>> CGROUP_DEFAULT_PARENT =
      key(
          "cgroup",
          "default_parent",
          Kinds.cgroup(),
          Optional.empty(),
          RESTART,
          "The parent cgroup of containers whose pod names none: a path, or a slice's name. \"\" is"
              + " /gantry, or gantry.slice with systemd.");

  static final Key<Long> SHM_BYTES =
      key(
          "pods",
          "shm_bytes",
          Kinds.number(4096, Long.MAX_VALUE),
          64 * MIB,
          RELOAD,
          "The size of a pod's /dev/shm, in bytes.");
  static final Key<Boolean> UNPRIVILEGED_PORTS =
      key(
          "pods",
          "unprivileged_ports",
          Kinds.flag(),
          true,
          RELOAD,
          "Let every user in a pod with its own network bind ports below 1024.");
  static final Key<Boolean> UNPRIVILEGED_ICMP =
      key(
          "pods",
          "unprivileged_icmp",
          Kinds.flag(),
          true,
          RELOAD,
          "Let every user in a pod with its own network send pings.");
  static final Key<String> DEFAULT_RUNTIME =
      key(
          "pods",
          "default_runtime",
          Kinds.text(),
          Config.Runtime.OWN_SHIM,
          RESTART,
          "The runtime handler of pods that name none: the NAME of a table [runtimes.NAME].");
  static final Key<Long> MAX_LOG_LINE_BYTES =
      key(
          "containers",
          "max_log_line_bytes",
          Kinds.number(512, 16 * MIB),
          16384L,
          RELOAD,
          "Longer lines of a container's output are written to its log in parts of this size.");
  static final Key<Long> EXEC_OUTPUT_BYTES =
      key(
          "containers",
          "exec_output_bytes",
          Kinds.number(1024, 16 * MIB),
          16 * MIB,
          RELOAD,
          "How much of each output stream ExecSync returns, in bytes; the rest is dropped.");

  static final Key<Boolean> SELINUX =
      key(
          "containers",
          "selinux",
          Kinds.flag(),
          false,
          RESTART,
          "Put containers under SELinux where the node has it, each pod with a level of its own.");

  static final Key<List<Path>> CDI_SPEC_DIRS =
      key(
          "cdi",
          "spec_dirs",
          Kinds.paths(),
          List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi")),
          RELOAD,
          "Directories of device specifications (CDI); a later one goes before an earlier one.");

  static final Key<String> CHECKPOINT_CRIU =
      key(
          "checkpoint",
          "criu",
          Kinds.text(),
          "criu",
          RELOAD,
          "CRIU, which saves and restores processes: a path, or a name to be looked up.");

  static final Key<Boolean> CHECKPOINT_IMAGES =
      key(
          "checkpoint",
          "images",
          Kinds.flag(),
          false,
          RELOAD,
          "Whether images that are marked as checkpoints are restored. What CRIU restores has the"
              + " privileges that the image claims, so whoever may name an image in a pod gets"
              + " them.");

  static final Key<Boolean> NRI_ENABLE =
      key(
          "nri",
          "enable",
          Kinds.flag(),
          true,
          RESTART,
          "Let plugins of the Node Resource Interface have a say in pods and containers.");
  static final Key<Optional<Path>> NRI_SOCKET =
      new Key<>(
          "nri",
          "socket",
          Kinds.optionalPath(),
          Keys::nriSocket,
          RESTART,
          "Where NRI plugins connect; \"\" lets none. Left out, it is /var/run/nri/nri.sock, or"
              + " nri.sock in paths.state when that is not the default.");
  static final Key<Path> NRI_PLUGIN_PATH =
      key(
          "nri",
          "plugin_path",
          Kinds.path(),
          Path.of("/opt/nri/plugins"),
          RESTART,
          "Directory of NRI plugins to launch: programs named INDEX-NAME, as in 10-logger.");
  static final Key<Path> NRI_PLUGIN_CONFIG_PATH =
      key(
          "nri",
          "plugin_config_path",
          Kinds.path(),
          Path.of("/etc/nri/conf.d"),
          RESTART,
          "Directory of their configurations: INDEX-NAME.conf, else NAME.conf.");
  static final Key<Duration> NRI_REGISTRATION_TIMEOUT =
      key(
          "nri",
          "registration_timeout",
          Kinds.duration(),
          Duration.ofSeconds(5),
          RESTART,
          "How long an NRI plugin may take to register, and to take in what runs already.");
  static final Key<Duration> NRI_REQUEST_TIMEOUT =
      key(
          "nri",
          "request_timeout",
          Kinds.duration(),
          Duration.ofSeconds(2),
          RESTART,
          "How long an NRI plugin may take to answer before it is dropped.");
  static final Key<Boolean> NRI_SERIAL =
      key(
          "nri",
          "serial",
          Kinds.flag(),
          false,
          RESTART,
          "Ask each NRI plugin one thing at a time, for plugins that cannot take more. A slow one"
              + " then delays all pods.");
  static final Key<InetAddress> STREAMING_ADDRESS =
      key(
          "streaming",
          "address",
          Kinds.address(),
          InetAddresses.forString("127.0.0.1"),
          RESTART,
          "Where exec, attach and port-forward are served: an IP address of this machine.");
  static final Key<Long> STREAMING_PORT =
      key(
          "streaming",
          "port",
          Kinds.number(0, 65535),
          0L,
          RESTART,
          "The port there; 0 is any that is free.");
  static final Key<Optional<Path>> STREAMING_TLS_CERT =
      key(
          "streaming",
          "tls_cert",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "Certificate chain (PEM) for TLS; \"\" is plain HTTP. A changed file is read again.");
  static final Key<Optional<Path>> STREAMING_TLS_KEY =
      key(
          "streaming",
          "tls_key",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "The certificate's private key (PEM, PKCS #8, not encrypted).");
  static final Key<Duration> STREAMING_IDLE_TIMEOUT =
      key(
          "streaming",
          "idle_timeout",
          Kinds.duration(),
          Duration.ofHours(4),
          RESTART,
          "A session without a byte in either direction is ended after this time.");
  static final Key<Duration> STREAMING_CREATION_TIMEOUT =
      key(
          "streaming",
          "creation_timeout",
          Kinds.duration(),
          Duration.ofSeconds(30),
          RESTART,
          "How long a client may take to send its request, and then to open its streams.");

  static final Key<LogLevel> LOG_LEVEL =
      key(
          "log",
          "level",
          Kinds.oneOf(LogLevel.class),
          LogLevel.INFO,
          RELOAD,
          "\"error\", \"warn\", \"info\", \"debug\" or \"trace\".");

  private static final List<Key<?>> OWN =
      List.of(
          ROOT,
          STATE,
          LISTEN,
          MAX_RECEIVE_BYTES,
          STOP_TIMEOUT,
          CERTS_DIR,
          MAX_CONCURRENT_DOWNLOADS,
          MAX_CONNECTIONS,
          MAX_CONCURRENT_UNPACKS,
          ImageKeys.PINNED,
          ImageKeys.SIGNATURE_POLICY,
          ImageKeys.CHECK_AFTER_CRASH,
          RegistryKeys.AUTH_FILE,
          RegistryKeys.HELPER_TIMEOUT,
          RegistryKeys.HTTP_PROXY,
          RegistryKeys.HTTPS_PROXY,
          RegistryKeys.NO_PROXY,
          RegistryKeys.RESPONSE_TIMEOUT,
          RegistryKeys.NO_PROGRESS_TIMEOUT,
          RegistryKeys.LEAST_BYTES_PER_SECOND,
          RegistryKeys.ATTEMPTS,
          RegistryKeys.LONGEST_PAUSE,
          RegistryKeys.RETRY_BUDGET,
          RegistryKeys.PART_BYTES,
          RegistryKeys.CONNECTIONS_PER_LAYER,
          CNI_CONF_DIR,
          CNI_BIN_DIRS,
          CNI_TIMEOUT,
          CNI_IP_PREFERENCE,
          CNI_CONF_TEMPLATE,
          NETWORK_POOLS,
          NETWORK_INTERFACES,
          SHIM_EXECUTABLE,
          SHIM_POOL_SIZE,
          SHIM_START_TIMEOUT,
          SHIM_JVM_FLAGS,
          CGROUP_DRIVER,
          CGROUP_DEFAULT_PARENT,
          SHM_BYTES,
          UNPRIVILEGED_PORTS,
          UNPRIVILEGED_ICMP,
          DEFAULT_RUNTIME,
          MAX_LOG_LINE_BYTES,
          EXEC_OUTPUT_BYTES,
          SELINUX,
          ImageKeys.WRITABLE_LAYER_BYTES,
          CDI_SPEC_DIRS,
          CHECKPOINT_CRIU,
          CHECKPOINT_IMAGES,
          NRI_ENABLE,
          NRI_SOCKET,
          NRI_PLUGIN_PATH,
          NRI_PLUGIN_CONFIG_PATH,
          NRI_REGISTRATION_TIMEOUT,
          NRI_REQUEST_TIMEOUT,
          NRI_SERIAL,
          STREAMING_ADDRESS,
          STREAMING_PORT,
          STREAMING_TLS_CERT,
          STREAMING_TLS_KEY,
          STREAMING_IDLE_TIMEOUT,
          STREAMING_CREATION_TIMEOUT,
          LOG_LEVEL);

  /** All keys, those of one table side by side, as they are printed. */
  static final List<Key<?>> ALL =
      Stream.of(OWN, RegistryServerKeys.ALL, DockerKeys.ALL).flatMap(List::stream).toList();

  private Keys() {}

  /**
   * The path that plugins try by themselves belongs to the node's one runtime; a second daemon,
   * told by its own state directory, must not take it away.
   */
  private static Optional<Path> nriSocket(Values values) {
    Path state = values.get(STATE);
    return Optional.of(
        state.equals(STATE.defaultValue().apply(Values.defaults()))
            ? Path.of("/var/run/nri/nri.sock")
            : state.resolve("nri.sock"));
  }

  private static <T> Key<T> key(
      String table, String name, Key.Kind<T> kind, T value, Key.Change change, String words) {
    return new Key<>(table, name, kind, values -> value, change, words);
  }
}
