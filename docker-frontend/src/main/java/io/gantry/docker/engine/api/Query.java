package io.gantry.docker.engine.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The parameters behind a request's question mark. */
public record Query(Map<String, List<String>> values) {
  private static final Set<String> FALSE = Set.of("", "0", "no", "false", "none");

  public Query {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * Reads what stands behind the question mark.
   *
   * @throws EngineException if something in it is not encoded as in URLs
   */
  public static Query parse(String text) throws EngineException {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String part : text.split("&")) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      values.computeIfAbsent(decode(name), any -> new ArrayList<>()).add(decode(value));
    }
    return new Query(values);
  }

  /** The first value of that name; "" if there is none, which the API takes for the same. */
  public String text(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? "" : all.get(0);
  }

  /** The first value of that name if there is one that is not empty. */
  public Optional<String> given(String name) {
    return Optional.of(text(name)).filter(value -> !value.isEmpty());
  }

  public String text(String name, String otherwise) {
    return given(name).orElse(otherwise);
  }

  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** As the Engine reads booleans: all is true but "", 0, no, false and none. */
  public boolean flag(String name) {
    return !FALSE.contains(text(name).strip().toLowerCase(Locale.ROOT));
  }

  public boolean flag(String name, boolean otherwise) {
    return has(name) ? flag(name) : otherwise;
  }

  /**
   * A whole number.
   *
   * @throws EngineException if what is given is none
   */
  public OptionalLong number(String name) throws EngineException {
    Optional<String> given = given(name);
    if (given.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(given.get().strip()));
    } catch (NumberFormatException e) {
      throw EngineException.badRequest(
          "invalid value for '" + name + "': \"" + given.get() + "\" is not a whole number");
    }
  }

  private static String decode(String text) throws EngineException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw EngineException.badRequest("invalid query: " + e.getMessage());
    }
  }
}
