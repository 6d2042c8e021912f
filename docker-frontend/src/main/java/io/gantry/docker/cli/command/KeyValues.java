package io.gantry.docker.cli.command;

import io.gantry.docker.cli.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flags of the form NAME=VALUE. */
public final class KeyValues {
  private KeyValues() {}

  /** As an object; a name without a value has an empty one. */
  public static Json of(List<String> given) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String each : given) {
      int equals = each.indexOf('=');
      all.put(
          equals < 0 ? each : each.substring(0, equals),
          equals < 0 ? "" : each.substring(equals + 1));
    }
    return Json.textMap(all);
  }

  /** An object's fields in one line, {@code a=1,b=2}. */
  public static String joined(Json object) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Json> each : new java.util.TreeMap<>(object.fields()).entrySet()) {
      text.append(text.length() == 0 ? "" : ",");
      text.append(each.getKey()).append('=').append(each.getValue().text());
    }
    return text.toString();
  }
}
