package io.gantry.docker.engine.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a list is narrowed by: names of filters, each with its values. Different names must all
 * hold, of the values of one name any.
 */
public record Filters(Map<String, List<String>> values) {
  public Filters {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * Reads the parameter {@code filters}, in its present form {@code {"name":{"value":true}}} or the
   * older one {@code {"name":["value"]}}.
   *
   * @param known the names that this list has
   * @throws EngineException if it is of another form, or has an unknown name
   */
  public static Filters of(Query query, Set<String> known) throws EngineException {
    String text = query.text("filters");
    Map<String, List<String>> values = new TreeMap<>();
    if (!text.isBlank()) {
      JsonNode document = Json.parse(text, "filters");
      if (!document.isObject()) {
        throw EngineException.badRequest("invalid filters: expected a JSON object");
      }
      for (Map.Entry<String, JsonNode> filter : document.properties()) {
        if (!known.contains(filter.getKey())) {
          throw EngineException.badRequest("invalid filter '" + filter.getKey() + "'");
        }
        values.put(filter.getKey(), valuesOf(filter.getKey(), filter.getValue()));
      }
    }
    return new Filters(values);
  }

  private static List<String> valuesOf(String name, JsonNode node) throws EngineException {
    List<String> values = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(value -> values.add(value.asText()));
    } else if (node.isObject()) {
      for (Map.Entry<String, JsonNode> value : node.properties()) {
        if (value.getValue().asBoolean()) {
          values.add(value.getKey());
        }
      }
    } else {
      throw EngineException.badRequest("invalid filters: values of '" + name + "' are no list");
    }
    return List.copyOf(values);
  }

  public boolean has(String name) {
    return !get(name).isEmpty();
  }

  public List<String> get(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** Whether that filter is absent, or one of its values fits. */
  public boolean fits(String name, Predicate<String> value) {
    return !has(name) || get(name).stream().anyMatch(value);
  }

  /**
   * Whether labels fit every value of the filter of that name: {@code key} or {@code key=value}.
   */
  public boolean fitsLabels(String name, Map<String, String> labels) {
    return get(name).stream().allMatch(wanted -> hasLabel(labels, wanted));
  }

  /** Whether labels have {@code key}, or {@code key=value}. */
  public static boolean hasLabel(Map<String, String> labels, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0
        ? labels.containsKey(wanted)
        : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
  }

  /**
   * One value that is true or false.
   *
   * @throws EngineException if it is neither, or both
   */
  public boolean flag(String name, boolean otherwise) throws EngineException {
    if (!has(name)) {
      return otherwise;
    }
    List<String> given = get(name);
    if (given.size() == 1 && Set.of("1", "true").contains(given.get(0))) {
      return true;
    }
    if (given.size() == 1 && Set.of("0", "false").contains(given.get(0))) {
      return false;
    }
    throw EngineException.badRequest(
        "invalid filter '" + name + "=" + String.join(",", given) + "'");
  }
}
