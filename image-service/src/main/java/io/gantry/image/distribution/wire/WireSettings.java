package io.gantry.image.distribution.wire;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the registry meets its clients.
 *
 * @param address port 0 is any that is free
 * @param maxConnections how many clients at a time; further ones are turned away
 * @param patience how long a client may stand still while it has something to send or to take
 */
public record WireSettings(
    InetSocketAddress address, Optional<Tls> tls, int maxConnections, Duration patience) {

  /** PEM files; read again when they change. */
  public record Tls(Path certificate, Path key) {}

  public WireSettings {
    if (maxConnections < 1) {
      throw new IllegalArgumentException("a registry with " + maxConnections + " connections");
    }
    if (patience.isNegative() || patience.isZero()) {
      throw new IllegalArgumentException("no patience with clients at all: " + patience);
    }
  }
}
