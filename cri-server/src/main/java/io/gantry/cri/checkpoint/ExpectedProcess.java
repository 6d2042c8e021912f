package io.gantry.cri.checkpoint;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.proto.cri.v1.Mount;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a configuration says of a process that is restored, and does not begin: it comes back as it
 * was, so whatever is asked for must be what it was. Limits, labels, annotations, devices, logs and
 * the sources of mounts are not its own, and may change.
 */
final class ExpectedProcess {
  /** By the fields' names in the CRI. */
  private static final Map<String, Function<ContainerConfig, Object>> FIELDS =
      Map.of(
          "command", ContainerConfig::getCommandList,
          "args", ContainerConfig::getArgsList,
          "working_dir", ContainerConfig::getWorkingDir,
          "envs", ExpectedProcess::environment,
          "mounts", ExpectedProcess::mountPoints,
          "stdin", ContainerConfig::getStdin,
          "tty", ContainerConfig::getTty,
          "linux.security_context", config -> config.getLinux().getSecurityContext());

  private ExpectedProcess() {}

  /** The field that differs, if one does. */
  static Optional<String> difference(ContainerConfig saved, ContainerConfig asked) {
    return FIELDS.entrySet().stream()
        .filter(
            field -> !Objects.equals(field.getValue().apply(saved), field.getValue().apply(asked)))
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst();
  }

  /** The kubelet's order changes from call to call. Of two values the last one counts. */
  private static Map<String, Object> environment(ContainerConfig config) {
    return config.getEnvsList().stream()
        .collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue, (first, last) -> last));
  }

  /** CRIU puts the new sources where the old ones were. */
  private static Set<String> mountPoints(ContainerConfig config) {
    return config.getMountsList().stream().map(Mount::getContainerPath).collect(Collectors.toSet());
  }
}
