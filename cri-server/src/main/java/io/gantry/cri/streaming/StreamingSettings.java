package io.gantry.cri.streaming;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the streaming server is reached and how patient it is.
 *
 * @param address where it listens
 * @param port 0 for any that is free
 * @param tls empty for plain HTTP
 * @param idleTimeout how long a session may be silent in both directions
 * @param streamCreationTimeout how long a client may take to ask, and to open its streams
 */
public record StreamingSettings(
    InetAddress address,
    int port,
    Optional<Tls> tls,
    Duration idleTimeout,
    Duration streamCreationTimeout) {

  /**
   * @param certificate a chain in PEM, the server's own first
   * @param key its private key in PEM, PKCS #8, not encrypted
   */
  public record Tls(Path certificate, Path key) {}
}
