package io.gantry.image.proxy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;

/**
 * An HTTP proxy. What is to stay secret never appears in {@code toString} or in messages.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param authorization the value of the Proxy-Authorization header, if the proxy wants a password
 */
public record ProxyAddress(String host, int port, Optional<String> authorization) {

  public ProxyAddress {
    Objects.requireNonNull(host);
    Objects.requireNonNull(authorization);
  }

  /**
   * Parses {@code [http://][USER:PASSWORD@]HOST[:PORT]}; without a port it is 80. User and password
   * may hold percent-escapes.
   *
   * @param name what to call it in messages, such as {@code HTTPS_PROXY}
   * @throws IllegalArgumentException if it is of another form; the message does not quote it
   */
  static ProxyAddress parse(String name, String text) {
    URI uri;
    try {
      uri = new URI(text.contains("://") ? text : "http://" + text);
    } catch (URISyntaxException e) {
      // Not its cause, which quotes the text and the password in it.
      throw malformed(name);
    }
    if (!"http".equalsIgnoreCase(uri.getScheme())) {
      throw new IllegalArgumentException(
          name + ": proxies of the kind " + uri.getScheme() + ":// cannot be used, only http://");
    }
    if (uri.getHost() == null) {
      throw malformed(name);
    }
    String host = uri.getHost();
    boolean ipv6 = host.startsWith("[");
    return new ProxyAddress(
        ipv6 ? host.substring(1, host.length() - 1) : host,
        uri.getPort() < 0 ? 80 : uri.getPort(),
        Optional.ofNullable(uri.getUserInfo()).map(ProxyAddress::basic));
  }

  private static IllegalArgumentException malformed(String name) {
    return new IllegalArgumentException(
        name + " is not of the form http://[USER:PASSWORD@]HOST[:PORT]");
  }

  private static String basic(String userInfo) {
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  /** To be resolved when it is connected to, for addresses change. */
  InetSocketAddress unresolved() {
    return InetSocketAddress.createUnresolved(host, port);
  }

  @Override
  public String toString() {
    return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
