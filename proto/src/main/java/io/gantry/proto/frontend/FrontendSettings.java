package io.gantry.proto.frontend;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the daemon's configuration says of a frontend.
 *
 * @param socket the unix socket to serve on
 * @param group whose members may use the socket, if there is such a group
 * @param tcp where else to serve
 * @param showPods whether containers that the frontend did not make are listed unasked
 */
public record FrontendSettings(Path socket, String group, Optional<Tcp> tcp, boolean showPods) {

  /**
   * An address that is served over TCP.
   *
   * @param tls empty for anybody who can connect
   */
  public record Tcp(InetSocketAddress address, Optional<Tls> tls) {}

  /**
   * TLS in which both sides show a certificate.
   *
   * @param authority who must have signed the clients' certificates (PEM)
   * @param certificate the server's chain (PEM)
   * @param key the certificate's private key (PEM, PKCS #8)
   */
  public record Tls(Path authority, Path certificate, Path key) {}
}
