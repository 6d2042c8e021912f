package io.gantry.image.manifest;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The part of an image's configuration that says how to run it (OCI image specification, {@code
 * config}). What the image leaves out is empty.
 *
 * @param user {@code user}, {@code uid}, {@code user:group} or {@code uid:gid}, empty for root
 * @param env {@code NAME=value} in the image's order
 * @param workingDir an absolute path, or empty
 * @param stopSignal a signal's name or number
 */
public record ImageConfig(
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    Set<String> volumes,
    Optional<String> stopSignal,
    Map<String, String> labels,
    Set<String> exposedPorts) {

  public ImageConfig {
    Objects.requireNonNull(user);
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    Objects.requireNonNull(workingDir);
    volumes = Set.copyOf(volumes);
    Objects.requireNonNull(stopSignal);
    labels = Map.copyOf(labels);
    exposedPorts = Set.copyOf(exposedPorts);
  }
}
