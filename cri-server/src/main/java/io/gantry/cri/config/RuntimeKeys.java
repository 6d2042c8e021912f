package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RESTART;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys of a runtime handler's table, [runtimes.NAME], of which there may be any number. */
final class RuntimeKeys {
  static final String TABLE = "runtimes";

  static final Key<String> SHIM =
      key(
          "shim",
          Kinds.text(),
          Config.Runtime.OWN_SHIM,
          "\"gantry\" for gantry's own shim; else a containerd shim v2: its file's name on PATH, a runtime"
              + " name such as \"io.containerd.runc.v2\", or an absolute path.");
  static final Key<Sharing> SHARING =
      key(
          "sharing",
          Kinds.oneOf(Sharing.class),
          Sharing.CONTAINER,
          "Which containers share a shim process: \"container\" (none), those of a \"pod\", or all of"
              + " the \"node\".");
  static final Key<String> BINARY_NAME =
      key(
          "binary_name",
          Kinds.text(),
          "",
          "For containerd-shim-runc-v2: the OCI runtime it calls, by name or path. \"\" is runc.");
  static final Key<Optional<Path>> CONFIG_PATH =
      key(
          "config_path",
          Kinds.optionalPath(),
          Optional.empty(),
          "For shims with a configuration file of their own (runsc, Kata): its path.");
  static final Key<Boolean> PRIVILEGED_WITHOUT_HOST_DEVICES =
      key(
          "privileged_without_host_devices",
          Kinds.flag(),
          false,
          "Give privileged containers no device nodes of the host.");

  static final List<Key<?>> ALL =
      List.of(SHIM, SHARING, BINARY_NAME, CONFIG_PATH, PRIVILEGED_WITHOUT_HOST_DEVICES);

  private RuntimeKeys() {}

  private static <T> Key<T> key(String name, Key.Kind<T> kind, T value, String words) {
    return new Key<>(TABLE + ".NAME", name, kind, values -> value, RESTART, words);
  }
}
