package io.gantry.image.dockerfile;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code RUN --mount} asks for; the values may hold variables.
 *
 * @param type cache, bind, tmpfs or secret
 * @param options by their names, without the type
 * @param place for messages
 */
public record RunMount(Type type, Map<String, String> options, Place place) {

  /** Sorts of mounts. */
  public enum Type {
    CACHE,
    BIND,
    TMPFS,
    SECRET
  }

  public RunMount {
    Objects.requireNonNull(type);
    options = Map.copyOf(options);
    Objects.requireNonNull(place);
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }
}
