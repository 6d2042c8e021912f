package io.gantry.cri.config;

import io.gantry.proto.frontend.FrontendSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The given values of keys, and the defaults of all others. Confined to the thread that reads the
 * configuration.
 */
final class Values {
  private final Map<Key<?>, Object> given = new HashMap<>();
  private final Map<String, Values> runtimes = new TreeMap<>();

  static Values defaults() {
    return new Values();
  }

  <T> void set(Key<T> key, T value) {
    given.put(key, value);
  }

  <T> T get(Key<T> key) {
    // set() is the only writer, and gives each key a value of its own type.
    @SuppressWarnings("unchecked")
    T value = (T) given.get(key);
    return value == null ? key.defaultValue().apply(this) : value;
  }

  /** The values of the runtime handler's own table, which comes to be when first asked for. */
  Values runtime(String name) {
    return runtimes.computeIfAbsent(name, any -> new Values());
  }

  /** Takes over all runtime handlers of {@code other}. */
  void setRuntimes(Values other) {
    runtimes.clear();
    runtimes.putAll(other.runtimes);
  }

  Config.Runtimes runtimes() {
    Map<String, Config.Runtime> byName = new TreeMap<>();
    // gantry's own shim is a handler whether or not the file has a table for it.
    byName.put(Config.Runtime.OWN_SHIM, defaults().runtimeNamed(Config.Runtime.OWN_SHIM));
    runtimes.forEach((name, values) -> byName.put(name, values.runtimeNamed(name)));
    return new Config.Runtimes(get(Keys.DEFAULT_RUNTIME), byName);
  }

  private Config.Runtime runtimeNamed(String name) {
    return new Config.Runtime(
        name,
        get(RuntimeKeys.SHIM),
        get(RuntimeKeys.SHARING),
        Optional.of(get(RuntimeKeys.BINARY_NAME)).filter(binary -> !binary.isEmpty()),
        get(RuntimeKeys.CONFIG_PATH),
        get(RuntimeKeys.PRIVILEGED_WITHOUT_HOST_DEVICES));
  }

  private Config.Registry registry() {
    return new Config.Registry(
        get(RegistryKeys.AUTH_FILE),
        get(RegistryKeys.HELPER_TIMEOUT),
        get(RegistryKeys.HTTP_PROXY),
        get(RegistryKeys.HTTPS_PROXY),
        get(RegistryKeys.NO_PROXY),
        get(RegistryKeys.RESPONSE_TIMEOUT),
        get(RegistryKeys.NO_PROGRESS_TIMEOUT),
        get(RegistryKeys.LEAST_BYTES_PER_SECOND),
        get(RegistryKeys.ATTEMPTS).intValue(),
        get(RegistryKeys.LONGEST_PAUSE),
        get(RegistryKeys.RETRY_BUDGET),
        get(RegistryKeys.PART_BYTES),
        get(RegistryKeys.CONNECTIONS_PER_LAYER).intValue());
  }

  Config config() {
    return new Config(
        new Config.Paths(get(Keys.ROOT), get(Keys.STATE)),
        new Config.Server(
            get(Keys.LISTEN), get(Keys.MAX_RECEIVE_BYTES).intValue(), get(Keys.STOP_TIMEOUT)),
        new Config.Images(
            get(Keys.CERTS_DIR),
            get(Keys.MAX_CONCURRENT_DOWNLOADS).intValue(),
            get(Keys.MAX_CONNECTIONS).intValue(),
            get(Keys.MAX_CONCURRENT_UNPACKS).intValue(),
            get(ImageKeys.PINNED),
            get(ImageKeys.SIGNATURE_POLICY),
            get(ImageKeys.CHECK_AFTER_CRASH)),
        registry(),
        new Config.Cni(
            get(Keys.CNI_CONF_DIR),
            get(Keys.CNI_BIN_DIRS),
            get(Keys.CNI_TIMEOUT),
            get(Keys.CNI_IP_PREFERENCE),
            get(Keys.CNI_CONF_TEMPLATE)),
        new Config.Networks(get(Keys.NETWORK_POOLS), get(Keys.NETWORK_INTERFACES)),
        new Config.Shim(
            get(Keys.SHIM_EXECUTABLE),
            get(Keys.SHIM_POOL_SIZE).intValue(),
            get(Keys.SHIM_START_TIMEOUT),
            get(Keys.SHIM_JVM_FLAGS)),
        new Config.Cgroup(get(Keys.CGROUP_DRIVER), get(Keys.CGROUP_DEFAULT_PARENT)),
        new Config.Pods(
            get(Keys.SHM_BYTES), get(Keys.UNPRIVILEGED_PORTS), get(Keys.UNPRIVILEGED_ICMP)),
        new Config.Containers(
            get(Keys.MAX_LOG_LINE_BYTES).intValue(),
            get(Keys.EXEC_OUTPUT_BYTES).intValue(),
            get(Keys.SELINUX),
            get(ImageKeys.WRITABLE_LAYER_BYTES)),
        new Config.Cdi(get(Keys.CDI_SPEC_DIRS)),
        new Config.Checkpoint(get(Keys.CHECKPOINT_CRIU), get(Keys.CHECKPOINT_IMAGES)),
        new Config.Nri(
            get(Keys.NRI_ENABLE),
            get(Keys.NRI_SOCKET),
            get(Keys.NRI_PLUGIN_PATH),
            get(Keys.NRI_PLUGIN_CONFIG_PATH),
            get(Keys.NRI_REGISTRATION_TIMEOUT),
            get(Keys.NRI_REQUEST_TIMEOUT),
            get(Keys.NRI_SERIAL)),
        new Config.Streaming(
            get(Keys.STREAMING_ADDRESS),
            get(Keys.STREAMING_PORT).intValue(),
            get(Keys.STREAMING_TLS_CERT),
            get(Keys.STREAMING_TLS_KEY),
            get(Keys.STREAMING_IDLE_TIMEOUT),
            get(Keys.STREAMING_CREATION_TIMEOUT)),
        new Config.Log(get(Keys.LOG_LEVEL)),
        new Config.RegistryServer(
            get(RegistryServerKeys.LISTEN),
            get(RegistryServerKeys.TLS_CERT),
            get(RegistryServerKeys.TLS_KEY),
            get(RegistryServerKeys.HTPASSWD),
            get(RegistryServerKeys.RULES),
            get(RegistryServerKeys.READ_ONLY),
            get(RegistryServerKeys.UPSTREAM),
            get(RegistryServerKeys.MAX_CONNECTIONS).intValue(),
            get(RegistryServerKeys.MAX_BLOB_BYTES),
            get(RegistryServerKeys.MAX_MANIFEST_BYTES).intValue(),
            get(RegistryServerKeys.UPLOAD_TIMEOUT),
            get(RegistryServerKeys.PROGRESS_TIMEOUT)),
        docker(),
        runtimes());
  }

  private Config.Docker docker() {
    if (!get(DockerKeys.ENABLED)) {
      return new Config.Docker(Optional.empty());
    }
    Optional<FrontendSettings.Tls> tls =
        get(DockerKeys.TLS_CA)
            .map(
                authority ->
                    new FrontendSettings.Tls(
                        authority,
                        get(DockerKeys.TLS_CERT).orElseThrow(),
                        get(DockerKeys.TLS_KEY).orElseThrow()));
    return new Config.Docker(
        Optional.of(
            new FrontendSettings(
                get(DockerKeys.SOCKET),
                get(DockerKeys.GROUP),
                get(DockerKeys.LISTEN).map(address -> new FrontendSettings.Tcp(address, tls)),
                get(DockerKeys.SHOW_PODS))));
  }
}
