package io.gantry.docker.cli.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value. Reading what is not there gives {@link #NULL}, an empty text, zero or an empty
 * list: answers of other versions lack fields, and a command shows what there is. Numbers keep the
 * text that they came as.
 */
public final class Json {
  public static final Json NULL = new Json(null);
  public static final Json TRUE = new Json(Boolean.TRUE);
  public static final Json FALSE = new Json(Boolean.FALSE);

  /** null, Boolean, Digits, String, List of Json, or Map of String to Json. */
  private final Object value;

  private record Digits(String text) {}

  private Json(Object value) {
    this.value = value;
  }

  public static Json of(String text) {
    return text == null ? NULL : new Json(text);
  }

  public static Json of(long number) {
    return new Json(new Digits(Long.toString(number)));
  }

  public static Json of(boolean truth) {
    return truth ? TRUE : FALSE;
  }

  /** A number by its text, which must be one. */
  public static Json number(String digits) {
    return new Json(new Digits(digits));
  }

  public static Json array(List<Json> items) {
    return new Json(List.copyOf(items));
  }

  public static Json texts(Collection<String> texts) {
    List<Json> items = new ArrayList<>(texts.size());
    for (String text : texts) {
      items.add(of(text));
    }
    return new Json(items);
  }

  /** Fields keep the order of the map. */
  public static Json object(Map<String, Json> fields) {
    return new Json(Collections.unmodifiableMap(new LinkedHashMap<>(fields)));
  }

  public static Json textMap(Map<String, String> fields) {
    JsonObject object = new JsonObject();
    fields.forEach(object::put);
    return object.build();
  }

  /** Reads one value, and ignores what follows it. */
  public static Json parse(String document) throws JsonFailure {
    return JsonReader.read(document);
  }

  public boolean isNull() {
    return value == null;
  }

  public boolean isText() {
    return value instanceof String;
  }

  public boolean isNumber() {
    return value instanceof Digits;
  }

  public boolean isBoolean() {
    return value instanceof Boolean;
  }

  public boolean isArray() {
    return value instanceof List;
  }

  public boolean isObject() {
    return value instanceof Map;
  }

  /** A field, or {@link #NULL}. */
  public Json get(String name) {
    return value instanceof Map<?, ?> map && map.get(name) instanceof Json field ? field : NULL;
  }

  /** A field of a field of a field. */
  public Json at(String... names) {
    Json found = this;
    for (String name : names) {
      found = found.get(name);
    }
    return found;
  }

  public boolean has(String name) {
    return value instanceof Map<?, ?> map && map.containsKey(name);
  }

  @SuppressWarnings("unchecked") // lists hold Json only, by the factories above
  public List<Json> items() {
    return value instanceof List<?> list ? (List<Json>) list : List.of();
  }

  @SuppressWarnings("unchecked") // maps hold Json only, by the factories above
  public Map<String, Json> fields() {
    return value instanceof Map<?, ?> map ? (Map<String, Json>) map : Map.of();
  }

  /** The texts of an array's items. */
  public List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (Json item : items()) {
      texts.add(item.text());
    }
    return texts;
  }

  /** A text, a number or a truth in words; empty for anything else. */
  public String text() {
    if (value instanceof Digits digits) {
      return digits.text();
    }
    return value instanceof String || value instanceof Boolean ? value.toString() : "";
  }

  public long number() {
    if (!(value instanceof Digits digits)) {
      return 0;
    }
    try {
      return Long.parseLong(digits.text());
    } catch (NumberFormatException e) {
      return (long) decimal();
    }
  }

  public double decimal() {
    return value instanceof Digits digits ? Double.parseDouble(digits.text()) : 0;
  }

  public boolean truth() {
    return Boolean.TRUE.equals(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Json that && java.util.Objects.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return java.util.Objects.hashCode(value);
  }

  /** In one line, without spaces. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    JsonWriter.compact(out).write(this);
    return out.toString();
  }

  /** Over many lines, each level further in. */
  public String indented(String step) {
    StringBuilder out = new StringBuilder();
    JsonWriter.indented(out, step).write(this);
    return out.toString();
  }
}
