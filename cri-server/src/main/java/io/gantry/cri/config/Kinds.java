package io.gantry.cri.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.gantry.image.PinnedNames;
import io.gantry.image.distribution.access.Rule;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types of values that keys have. */
final class Kinds {
  private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h)");

  private static final Pattern INTERFACE_PREFIX = Pattern.compile("[a-z][a-z0-9-]{0,7}");

  private Kinds() {}

  private record Simple<T>(Function<JsonNode, T> reader, Function<T, String> printer)
      implements Key.Kind<T> {
    @Override
    public T read(JsonNode value) {
      return reader.apply(value);
    }

    @Override
    public String print(T value) {
      return printer.apply(value);
    }
  }

  private record Flag() implements Key.Kind<Boolean> {
    @Override
    public Boolean read(JsonNode value) {
      if (!value.isBoolean()) {
        throw expected("true or false", value);
      }
      return value.booleanValue();
    }

    @Override
    public JsonNode ofFlag(String text) {
      return BooleanNode.valueOf(Boolean.parseBoolean(text));
    }

    @Override
    public String print(Boolean value) {
      return value.toString();
    }
  }

  static Key.Kind<String> text() {
    return new Simple<>(Kinds::string, Kinds::quote);
  }

  /** A cgroup's path from the root of the hierarchy, the name of a slice, or "" for none. */
  static Key.Kind<Optional<String>> cgroup() {
    return new Simple<>(Kinds::cgroupName, name -> quote(name.orElse("")));
  }

  private static Optional<String> cgroupName(JsonNode value) {
    String name = string(value);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    boolean isSlice = name.endsWith(".slice") && name.indexOf('/') < 0;
    return Optional.of(isSlice ? name : absolute(name).toString());
  }

  static Key.Kind<Boolean> flag() {
    return new Flag();
  }

  /** Whole numbers from {@code min} to {@code max}, both included. */
  static Key.Kind<Long> number(long min, long max) {
    return new Simple<>(
        value -> {
          if (!value.canConvertToLong() || !value.isIntegralNumber()) {
            throw expected("a whole number", value);
          }
          long number = value.longValue();
          if (number < min || number > max) {
            throw new IllegalArgumentException(
                "%d is not between %d and %d".formatted(number, min, max));
          }
          return number;
        },
        String::valueOf);
  }

  static Key.Kind<Path> path() {
    return new Simple<>(value -> absolute(string(value)), path -> quote(path.toString()));
  }

  /** A path, or "" for none. */
  static Key.Kind<Optional<Path>> optionalPath() {
    return new Simple<>(
        value -> string(value).isEmpty() ? Optional.empty() : Optional.of(absolute(string(value))),
        path -> quote(path.map(Path::toString).orElse("")));
  }

  static Key.Kind<List<String>> texts() {
    return list(Kinds::string, text -> text);
  }

  /** Names of images, with or without asterisks. */
  static Key.Kind<PinnedNames> pinnedNames() {
    return new Simple<>(
        value -> new PinnedNames(texts().read(value)), names -> texts().print(names.patterns()));
  }

  static Key.Kind<List<Path>> paths() {
    return list(value -> absolute(string(value)), Path::toString);
  }

  static Key.Kind<ListenAddress> listenAddress() {
    return new Simple<>(
        value -> ListenAddress.parse(string(value)), address -> quote(address.toString()));
  }

  /** An IP address, not a name: what a name means can change. */
  static Key.Kind<InetAddress> address() {
    return new Simple<>(Kinds::ipAddress, address -> quote(address.getHostAddress()));
  }

  private static InetAddress ipAddress(JsonNode value) {
    String text = string(value);
    if (InetAddresses.isInetAddress(text)) {
      return InetAddresses.forString(text);
    }
    throw expected("an IP address such as \"127.0.0.1\" or \"::1\"", value);
  }

  /** An IP address with a port, or "" for none. */
  static Key.Kind<Optional<InetSocketAddress>> optionalSocketAddress() {
    return new Simple<>(
        value -> string(value).isEmpty() ? Optional.empty() : Optional.of(socketAddress(value)),
        address -> quote(address.map(Kinds::printSocketAddress).orElse("")));
  }

  private static InetSocketAddress socketAddress(JsonNode value) {
    String text = string(value);
    try {
      HostAndPort parts = HostAndPort.fromString(text).requireBracketsForIPv6();
      if (parts.hasPort() && InetAddresses.isInetAddress(parts.getHost())) {
        return new InetSocketAddress(InetAddresses.forString(parts.getHost()), parts.getPort());
      }
    } catch (IllegalArgumentException e) {
      // Told like every other wrong form.
    }
    throw expected("an IP address with a port such as \"127.0.0.1:5000\" or \"[::1]:5000\"", value);
  }

  private static String printSocketAddress(InetSocketAddress address) {
    return InetAddresses.toUriString(address.getAddress()) + ":" + address.getPort();
  }

  /** A registry's name as in an image's, or "" for none. */
  static Key.Kind<Optional<String>> optionalRegistryHost() {
    return new Simple<>(
        value -> string(value).isEmpty() ? Optional.empty() : Optional.of(registryHost(value)),
        host -> quote(host.orElse("")));
  }

  private static String registryHost(JsonNode value) {
    String host = string(value);
    try {
      if (Reference.parse(host + "/any/name").host().equals(host)) {
        return host;
      }
    } catch (InvalidReferenceException e) {
      // Told like every other wrong form.
    }
    throw expected("a registry's name such as \"docker.io\" or \"registry.example:5000\"", value);
  }

  /** Who may do what in the registry. */
  static Key.Kind<List<Rule>> rules() {
    return list(value -> Rule.parse(string(value)), Rule::toString);
  }

  /** Where subnets are taken from. */
  static Key.Kind<List<AddressPool>> addressPools() {
    return list(value -> AddressPool.parse(string(value)), AddressPool::toString);
  }

  /** What an interface's name can begin with, and still have room to be told from others. */
  static Key.Kind<String> interfacePrefix() {
    return new Simple<>(
        value -> {
          String text = string(value);
          if (!INTERFACE_PREFIX.matcher(text).matches()) {
            throw expected("1 to 8 letters, digits and dashes, a letter first", value);
          }
          return text;
        },
        Kinds::quote);
  }

  /** A positive whole number with its unit: 500ms, 10s, 2m, 1h. */
  static Key.Kind<Duration> duration() {
    return new Simple<>(
        value -> {
          Matcher match = DURATION.matcher(string(value));
          try {
            if (match.matches()) {
              String unit = match.group(2).toUpperCase(Locale.ROOT);
              return unit.equals("MS")
                  ? Duration.ofMillis(Long.parseLong(match.group(1)))
                  : Duration.parse("PT" + match.group(1) + unit);
            }
          } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
            // More digits than any time has: told like every other wrong form.
          }
          throw expected("a time such as \"500ms\", \"10s\", \"2m\" or \"1h\"", value);
        },
        time -> quote(printDuration(time)));
  }

  /** One of an enum's constants, written in lower case. */
  static <E extends Enum<E>> Key.Kind<E> oneOf(Class<E> type) {
    return new Simple<>(
        value ->
            Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.toString().equals(string(value)))
                .findFirst()
                .orElseThrow(
                    () ->
                        expected(
                            "one of "
                                + Arrays.stream(type.getEnumConstants())
                                    .map(constant -> quote(constant.toString()))
                                    .collect(Collectors.joining(", ")),
                            value)),
        constant -> quote(constant.toString()));
  }

  private static <T> Key.Kind<List<T>> list(
      Function<JsonNode, T> reader, Function<T, String> printer) {
    return new Simple<>(
        value -> {
          if (!value.isArray()) {
            throw expected("a list", value);
          }
          List<T> items = new ArrayList<>();
          value.forEach(item -> items.add(reader.apply(item)));
          return List.copyOf(items);
        },
        items ->
            items.stream()
                .map(item -> quote(printer.apply(item)))
                .collect(Collectors.joining(", ", "[", "]")));
  }

  private static String string(JsonNode value) {
    if (!value.isTextual()) {
      throw expected("a string", value);
    }
    return value.textValue();
  }

  private static Path absolute(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("\"" + text + "\" is not an absolute path");
    }
    return path.normalize();
  }

  private static String printDuration(Duration time) {
    if (time.toMillisPart() != 0) {
      return time.toMillis() + "ms";
    }
    return time.toSeconds() + "s";
  }

  private static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static IllegalArgumentException expected(String what, JsonNode value) {
    return new IllegalArgumentException("expected " + what + ", found " + value);
  }
}
