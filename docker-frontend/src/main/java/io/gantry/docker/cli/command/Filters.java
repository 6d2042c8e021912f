package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.BadUsage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Filters as given, {@code name=value} each, in the form that the engine reads. */
public final class Filters {
  private final Map<String, Map<String, Json>> all = new LinkedHashMap<>();

  public static Filters of(List<String> given) throws BadUsage {
    Filters filters = new Filters();
    for (String each : given) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw BadUsage.flag(
            "invalid argument \""
                + each
                + "\" for \"-f, --filter\" flag: invalid filter '"
                + each
                + "'; write it as name=value");
      }
      filters.with(each.substring(0, equals).strip(), each.substring(equals + 1).strip());
    }
    return filters;
  }

  public Filters with(String name, String value) {
    all.computeIfAbsent(name, key -> new LinkedHashMap<>()).put(value, Json.TRUE);
    return this;
  }

  public boolean has(String name) {
    return all.containsKey(name);
  }

  public Query addTo(Query query) {
    if (all.isEmpty()) {
      return query;
    }
    Map<String, Json> fields = new LinkedHashMap<>();
    all.forEach((name, values) -> fields.put(name, Json.object(values)));
    return query.with("filters", Json.object(fields).toString());
  }
}
