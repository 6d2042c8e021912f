package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a container's output is kept.
 *
 * @param driver json-file, local or none
 * @param maxBytes of one file; empty for no end
 * @param maxFiles how many files there may be
 */
public record LogSettings(String driver, OptionalLong maxBytes, int maxFiles) {
  private static final Set<String> DRIVERS = Set.of("json-file", "local", "none");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(b|k|kb|m|mb|g|gb)?");
  private static final long LOCAL_BYTES = 20L << 20;
  private static final int LOCAL_FILES = 5;

  /**
   * Reads HostConfig.
   *
   * @throws EngineException if there is no such driver or option
   */
  public static LogSettings of(JsonNode host) throws EngineException {
    JsonNode wanted = host.path("LogConfig");
    String driver = wanted.path("Type").asText("");
    driver = driver.isEmpty() || driver.equals("null") ? "json-file" : driver;
    if (!DRIVERS.contains(driver)) {
      throw EngineException.badRequest(
          "logger: no log driver named '"
              + driver
              + "' is registered: gantry has json-file, local and none");
    }
    boolean local = driver.equals("local");
    OptionalLong maxBytes = local ? OptionalLong.of(LOCAL_BYTES) : OptionalLong.empty();
    int maxFiles = local ? LOCAL_FILES : 1;
    for (Map.Entry<String, JsonNode> option : wanted.path("Config").properties()) {
      String value = option.getValue().asText();
      switch (option.getKey()) {
        case "max-size" -> maxBytes = value.equals("-1") ? OptionalLong.empty() : size(value);
        case "max-file" -> maxFiles = count(value);
        default ->
            throw EngineException.badRequest(
                "unknown log opt '" + option.getKey() + "' for " + driver + " log driver");
      }
    }
    if (maxFiles > 1 && maxBytes.isEmpty()) {
      throw EngineException.badRequest("max-file option should be used with max-size option");
    }
    return new LogSettings(driver, maxBytes, maxFiles);
  }

  public boolean isKept() {
    return !driver.equals("none");
  }

  private static OptionalLong size(String text) throws EngineException {
    Matcher match = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!match.matches()) {
      throw EngineException.badRequest("invalid size: '" + text + "'");
    }
    String unit = match.group(2) == null ? "b" : match.group(2);
    int shift =
        switch (unit.charAt(0)) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          default -> 0;
        };
    long bytes = Long.parseLong(match.group(1)) << shift;
    if (bytes <= 0) {
      throw EngineException.badRequest("max-size must be a positive number");
    }
    return OptionalLong.of(bytes);
  }

  private static int count(String text) throws EngineException {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Told like every other wrong number.
    }
    throw EngineException.badRequest("max-file cannot be less than 1: '" + text + "'");
  }
}
