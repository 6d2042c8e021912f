package io.gantry.docker.cli.json;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** An object in the making. */
public final class JsonObject {
  private final Map<String, Json> fields = new LinkedHashMap<>();

  public JsonObject put(String name, Json value) {
    fields.put(name, value);
    return this;
  }

  public JsonObject put(String name, String value) {
    return put(name, Json.of(value));
  }

  public JsonObject put(String name, long value) {
    return put(name, Json.of(value));
  }

  public JsonObject put(String name, boolean value) {
    return put(name, Json.of(value));
  }

  public JsonObject put(String name, Collection<String> values) {
    return put(name, Json.texts(values));
  }

  public boolean isEmpty() {
    return fields.isEmpty();
  }

  public Json build() {
    return Json.object(fields);
  }
}
