package io.gantry.image.build;

import io.gantry.image.registry.Credentials;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What to build, as it was asked for.
 *
 * @param dockerfile in the context; empty for {@code Dockerfile}
 * @param target the stage to build; empty for the last one
 * @param platform empty for this machine's
 * @param network default, none, host, or the name of one that the runner knows
 * @param extraHosts {@code NAME:ADDRESS}
 * @param credentials what is known for a registry's host
 * @param secrets for {@code RUN --mount=type=secret}, by id
 * @param cacheFrom images whose layers may be used like the cache's
 */
public record BuildRequest(
    String dockerfile,
    List<String> tags,
    Map<String, String> arguments,
    Map<String, String> labels,
    String target,
    boolean noCache,
    boolean pull,
    String platform,
    String network,
    List<String> extraHosts,
    Function<String, Credentials> credentials,
    BuildLimits limits,
    Map<String, byte[]> secrets,
    List<String> cacheFrom) {

  public BuildRequest {
    Objects.requireNonNull(dockerfile);
    tags = List.copyOf(tags);
    arguments = Map.copyOf(arguments);
    labels = Map.copyOf(labels);
    Objects.requireNonNull(target);
    Objects.requireNonNull(platform);
    Objects.requireNonNull(network);
    extraHosts = List.copyOf(extraHosts);
    Objects.requireNonNull(credentials);
    Objects.requireNonNull(limits);
    secrets = Map.copyOf(secrets);
    cacheFrom = List.copyOf(cacheFrom);
  }

  /** Without what may be secret. */
  @Override
  public String toString() {
    return "BuildRequest[dockerfile=" + dockerfile + ", tags=" + tags + "]";
  }
}
