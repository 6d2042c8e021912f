package io.gantry.image.distribution;

import io.gantry.image.distribution.access.Rule;
import io.gantry.image.distribution.wire.WireSettings;
import io.gantry.image.registry.RegistryClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How the registry serves.
 *
 * @param htpasswd the users; without it there are none
 * @param rules asked with each request
 * @param upstream the registry that this one is a cache of; then nothing can be pushed
 * @param blobLimitBytes the largest blob taken
 * @param manifestLimitBytes the largest manifest taken
 * @param uploadLifetime how long a blob may take from the beginning of its upload to its end, and
 *     from there to the manifest that names it
 */
public record ServerSettings(
    WireSettings wire,
    Optional<Path> htpasswd,
    Supplier<List<Rule>> rules,
    boolean readOnly,
    Optional<Upstream> upstream,
    long blobLimitBytes,
    int manifestLimitBytes,
    Duration uploadLifetime) {

  /**
   * @param host as references name it: {@code docker.io}
   */
  public record Upstream(String host, RegistryClient client) {}

  public ServerSettings {
    if (blobLimitBytes < 1 || manifestLimitBytes < 1) {
      throw new IllegalArgumentException("a registry that takes nothing");
    }
    if (uploadLifetime.isNegative() || uploadLifetime.isZero()) {
      throw new IllegalArgumentException("uploads cannot take " + uploadLifetime);
    }
  }
}
