package io.gantry.image.proxy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The hosts that are reached without a proxy, in the words of NO_PROXY: {@code *} for all, an
 * address, a network as {@code 10.0.0.0/8}, a domain with all below it as {@code example.com}, only
 * what is below it as {@code .example.com}; any of them but a network may end in a port.
 */
public final class ProxyExceptions {

  private interface Rule {
    boolean covers(String host, int port);
  }

  private final List<Rule> rules;

  private ProxyExceptions(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  static ProxyExceptions parse(List<String> words) {
    List<Rule> rules = new ArrayList<>();
    for (String word : words) {
      String trimmed = word.trim().toLowerCase(Locale.ROOT);
      if (!trimmed.isEmpty()) {
        rules.add(rule(trimmed));
      }
    }
    return new ProxyExceptions(rules);
  }

  private static Rule rule(String word) {
    if (word.equals("*")) {
      return (host, port) -> true;
    }
    int slash = word.indexOf('/');
    if (slash >= 0) {
      return network(word.substring(0, slash), word.substring(slash + 1));
    }
    int colon = word.lastIndexOf(':');
    boolean withPort =
        colon > word.lastIndexOf(']')
            && word.indexOf(':') == (word.startsWith("[") ? word.indexOf(':') : colon)
            && word.substring(colon + 1).matches("[0-9]{1,5}");
    String name = withPort ? word.substring(0, colon) : word;
    int onlyPort = withPort ? Integer.parseInt(word.substring(colon + 1)) : 0;
    Optional<InetAddress> address = address(name);
    Rule byName =
        address.isPresent()
            ? (host, port) -> address(host).equals(address)
            : (host, port) -> isWithin(host, name.startsWith("*.") ? name.substring(1) : name);
    return (host, port) -> (onlyPort == 0 || onlyPort == port) && byName.covers(host, port);
  }

  private static boolean isWithin(String host, String domain) {
    return domain.startsWith(".")
        ? host.endsWith(domain)
        : host.equals(domain) || host.endsWith("." + domain);
  }

  private static Rule network(String base, String bits) {
    Optional<InetAddress> address = address(base);
    if (address.isEmpty() || !bits.matches("[0-9]{1,3}")) {
      return (host, port) -> false; // Others' forms: one that means nothing here harms nothing.
    }
    byte[] bytes = address.get().getAddress();
    int shift = Math.max(0, bytes.length * 8 - Integer.parseInt(bits));
    BigInteger wanted = new BigInteger(1, bytes).shiftRight(shift);
    return (host, port) -> {
      Optional<InetAddress> one = address(host);
      return one.isPresent()
          && one.get().getAddress().length == bytes.length
          && new BigInteger(1, one.get().getAddress()).shiftRight(shift).equals(wanted);
    };
  }

  /** Of an address in digits, with brackets or without; a name is never looked up. */
  private static Optional<InetAddress> address(String host) {
    boolean digits = host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || host.indexOf(':') >= 0;
    if (!digits) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /**
   * @param host as a URL has it
   */
  boolean cover(String host, int port) {
    String name = host.toLowerCase(Locale.ROOT);
    Optional<InetAddress> address = address(name);
    boolean here =
        name.equals("localhost") || address.isPresent() && address.get().isLoopbackAddress();
    return here || rules.stream().anyMatch(rule -> rule.covers(name, port));
  }
}
