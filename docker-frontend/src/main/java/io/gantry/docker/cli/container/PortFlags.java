package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.BadUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ports as given by -p and --expose, in the engine's form. */
final class PortFlags {
  private static final Json NOTHING = Json.object(Map.of());

  private final Map<String, Json> exposed = new LinkedHashMap<>();
  private final Map<String, List<Json>> bindings = new LinkedHashMap<>();

  private record Range(int first, int last) {
    int size() {
      return last - first + 1;
    }
  }

  static PortFlags of(List<String> published, List<String> exposed) throws BadUsage {
    PortFlags flags = new PortFlags();
    for (String each : published) {
      flags.publish(each);
    }
    for (String each : exposed) {
      String protocol = protocol(each);
      Range range = range(bare(each), each);
      for (int port = range.first(); port <= range.last(); port++) {
        flags.exposed.putIfAbsent(port + "/" + protocol, NOTHING);
      }
    }
    return flags;
  }

  Json exposed() {
    return Json.object(exposed);
  }

  Json bindings() {
    Map<String, Json> all = new LinkedHashMap<>();
    bindings.forEach((port, hosts) -> all.put(port, Json.array(hosts)));
    return Json.object(all);
  }

  private void publish(String given) throws BadUsage {
    String protocol = protocol(given);
    String rest = bare(given);
    String address = "";
    if (rest.startsWith("[")) {
      int close = rest.indexOf(']');
      if (close < 0 || close + 1 >= rest.length()) {
        throw bad(given, "the address in brackets has no port behind it");
      }
      address = rest.substring(1, close);
      rest = rest.substring(close + 2);
    }
    String[] words = rest.split(":", -1);
    if (words.length > (address.isEmpty() ? 3 : 2)) {
      throw bad(
          given,
          "invalid IP address: "
              + rest.substring(0, rest.lastIndexOf(':', rest.lastIndexOf(':') - 1)));
    }
    Range inside = range(words[words.length - 1], given);
    String host = words.length > 1 ? words[words.length - 2] : "";
    if (words.length == 3) {
      address = words[0];
    }
    Range outside = host.isEmpty() ? null : range(host, given);
    if (outside != null && inside.size() != outside.size() && inside.size() != 1) {
      throw bad(given, "the ranges of ports are not of one length");
    }
    for (int i = 0; i < inside.size(); i++) {
      String port = inside.first() + i + "/" + protocol;
      exposed.putIfAbsent(port, NOTHING);
      String number = outside == null ? "" : Integer.toString(outside.first() + i);
      if (outside != null && inside.size() == 1 && outside.size() > 1) {
        number = host; // any one of the range
      }
      bindings
          .computeIfAbsent(port, key -> new ArrayList<>())
          .add(new JsonObject().put("HostIp", address).put("HostPort", number).build());
    }
  }

  private static String protocol(String given) throws BadUsage {
    int slash = given.lastIndexOf('/');
    String protocol =
        slash < 0 ? "tcp" : given.substring(slash + 1).toLowerCase(java.util.Locale.ROOT);
    if (!List.of("tcp", "udp", "sctp").contains(protocol)) {
      throw bad(given, "invalid proto: " + protocol);
    }
    return protocol;
  }

  private static String bare(String given) {
    int slash = given.lastIndexOf('/');
    return slash < 0 ? given : given.substring(0, slash);
  }

  private static Range range(String text, String given) throws BadUsage {
    int dash = text.indexOf('-');
    int first = port(dash < 0 ? text : text.substring(0, dash), given);
    int last = dash < 0 ? first : port(text.substring(dash + 1), given);
    if (last < first) {
      throw bad(given, "the range " + text + " ends before it begins");
    }
    return new Range(first, last);
  }

  private static int port(String text, String given) throws BadUsage {
    if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
      return Integer.parseInt(text);
    }
    throw bad(given, text.isEmpty() ? "no port specified" : "invalid port: " + text);
  }

  private static BadUsage bad(String given, String why) {
    return BadUsage.flag(
        "invalid publish of ports \""
            + given
            + "\": "
            + why
            + "; write it as [ip:][host:]container[/protocol]");
  }
}
