package io.gantry.image.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which proxy, if any, to use for which address: one for plain HTTP, one for HTTPS, and the hosts
 * that are reached without. This machine itself always is.
 */
public record ProxyRules(
    Optional<ProxyAddress> http, Optional<ProxyAddress> https, ProxyExceptions exceptions) {

  /** The value of a setting that means no proxy, whatever the environment says. */
  public static final String DIRECT = "direct";

  public static final ProxyRules NONE =
      new ProxyRules(Optional.empty(), Optional.empty(), ProxyExceptions.parse(List.of()));

  public ProxyRules {
    Objects.requireNonNull(http);
    Objects.requireNonNull(https);
    Objects.requireNonNull(exceptions);
  }

  /**
   * The rules of the configuration, and of the environment where that is silent.
   *
   * @param http a proxy; {@code ""} for that of HTTP_PROXY or http_proxy, {@link #DIRECT} for none
   * @param https as {@code http}, with HTTPS_PROXY
   * @param exceptions as in NO_PROXY, which counts if this is empty
   * @throws IllegalArgumentException if one cannot be understood; the message names the setting
   */
  public static ProxyRules of(
      String http, String https, List<String> exceptions, Map<String, String> environment) {
    List<String> without =
        exceptions.isEmpty()
            ? List.of(variable(environment, "NO_PROXY").orElse("").split(","))
            : exceptions;
    return new ProxyRules(
        proxy("http_proxy", http, environment),
        proxy("https_proxy", https, environment),
        ProxyExceptions.parse(without));
  }

  private static Optional<ProxyAddress> proxy(
      String key, String value, Map<String, String> environment) {
    if (value.equals(DIRECT)) {
      return Optional.empty();
    }
    if (!value.isEmpty()) {
      return Optional.of(ProxyAddress.parse("registry." + key, value));
    }
    String name = key.toUpperCase(Locale.ROOT);
    return variable(environment, name)
        .map(text -> ProxyAddress.parse("the environment's " + name, text));
  }

  /** In capitals or not: programs differ in what they set. */
  private static Optional<String> variable(Map<String, String> environment, String name) {
    String capitals = environment.getOrDefault(name, "");
    String text =
        capitals.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : capitals;
    return text.isBlank() ? Optional.empty() : Optional.of(text.trim());
  }

  /** The proxy for a request to that address. */
  public Optional<ProxyAddress> proxyFor(URI uri) {
    Optional<ProxyAddress> proxy = "https".equals(uri.getScheme()) ? https : http;
    if (proxy.isEmpty() || uri.getHost() == null) {
      return Optional.empty();
    }
    int usual = "https".equals(uri.getScheme()) ? 443 : 80;
    int port = uri.getPort() < 0 ? usual : uri.getPort();
    return exceptions.cover(uri.getHost(), port) ? Optional.empty() : proxy;
  }

  /** These rules in the JDK's form. */
  public ProxySelector selector() {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        InetSocketAddress address = proxyFor(uri).map(ProxyAddress::unresolved).orElse(null);
        return List.of(address == null ? Proxy.NO_PROXY : new Proxy(Proxy.Type.HTTP, address));
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The failed request says so itself.
      }
    };
  }
}
