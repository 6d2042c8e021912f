package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Networks as given by --network and what belongs to it. */
final class NetworkFlags {
  private NetworkFlags() {}

  /** The first one given; "default" if none is. */
  static String mode(Arguments arguments) throws BadUsage {
    List<String> given = arguments.values("network");
    return given.isEmpty() ? "default" : name(given.get(0));
  }

  private static String name(String given) throws BadUsage {
    if (!given.contains("=")) {
      return given;
    }
    for (String word : given.split(",")) {
      if (word.startsWith("name=")) {
        return word.substring("name=".length());
      }
    }
    throw BadUsage.flag(
        "invalid argument \"" + given + "\" for \"--network\" flag: name is required");
  }

  /** Settings of each network; flags that name none are about the first. */
  static Json endpoints(Arguments arguments) throws BadUsage {
    Map<String, Json> endpoints = new LinkedHashMap<>();
    boolean first = true;
    for (String given : arguments.values("network")) {
      String name = name(given);
      if (name.equals("none") || name.equals("host") || name.startsWith("container:")) {
        return Json.object(Map.of());
      }
      endpoints.put(name, endpoint(given, first ? arguments : null));
      first = false;
    }
    if (first) {
      Json settings = endpoint("", arguments);
      if (!settings.fields().isEmpty()) {
        endpoints.put("default", settings);
      }
    }
    return Json.object(endpoints);
  }

  private static Json endpoint(String given, Arguments flags) throws BadUsage {
    List<String> aliases = new ArrayList<>();
    List<String> links = new ArrayList<>();
    JsonObject addresses = new JsonObject();
    JsonObject settings = new JsonObject();
    Map<String, Json> options = new LinkedHashMap<>();
    if (flags != null) {
      aliases.addAll(flags.values("network-alias"));
      links.addAll(flags.values("link"));
      flags.value("ip").ifPresent(ip -> addresses.put("IPv4Address", ip));
      flags.value("ip6").ifPresent(ip -> addresses.put("IPv6Address", ip));
      flags.value("mac-address").ifPresent(mac -> settings.put("MacAddress", mac));
    }
    for (String word : given.contains("=") ? given.split(",") : new String[0]) {
      int equals = word.indexOf('=');
      String value = word.substring(equals + 1);
      switch (equals < 0 ? word : word.substring(0, equals)) {
        case "name" -> {}
        case "alias" -> aliases.add(value);
        case "ip" -> addresses.put("IPv4Address", value);
        case "ip6" -> addresses.put("IPv6Address", value);
        case "mac-address" -> settings.put("MacAddress", value);
        case "gw-priority" -> settings.put("GwPriority", Json.number(value));
        case "driver-opt" -> {
          int inner = value.indexOf('=');
          options.put(
              inner < 0 ? value : value.substring(0, inner),
              Json.of(inner < 0 ? "" : value.substring(inner + 1)));
        }
        default ->
            throw BadUsage.flag(
                "invalid argument \"" + given + "\" for \"--network\" flag: invalid field " + word);
      }
    }
    if (!aliases.isEmpty()) {
      settings.put("Aliases", aliases);
    }
    if (!links.isEmpty()) {
      settings.put("Links", links);
    }
    if (!addresses.isEmpty()) {
      settings.put("IPAMConfig", addresses.build());
    }
    if (!options.isEmpty()) {
      settings.put("DriverOpts", Json.object(options));
    }
    return settings.build();
  }
}
