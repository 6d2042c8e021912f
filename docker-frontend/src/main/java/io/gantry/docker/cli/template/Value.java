package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A value in a template.
 *
 * @param fields what the template is about, or null if it is plain JSON
 * @param json null if it is the former
 * @param missing the path of a field that is not there, or null. It counts as false, and printing
 *     it is an error: a condition may ask for what older engines do not tell, but nobody wants to
 *     see nothing where he mistyped a name
 */
record Value(Fields fields, Json plain, String missing) {
  static Value of(Json json) {
    return new Value(null, json, null);
  }

  static Value of(Fields fields) {
    return new Value(fields, null, null);
  }

  static Value missing(String path) {
    return new Value(null, Json.NULL, path);
  }

  Json json() {
    return fields == null ? plain : fields.all();
  }

  boolean isTrue() {
    Json value = json();
    if (value.isNumber()) {
      return value.decimal() != 0;
    }
    return value.truth()
        || value.isText() && !value.text().isEmpty()
        || !value.items().isEmpty()
        || !value.fields().isEmpty();
  }

  Value field(String name, List<Json> words, String path) {
    if (fields != null) {
      Optional<Json> found = words.isEmpty() ? fields.field(name) : fields.field(name, words);
      return found.map(Value::of).orElse(missing(path));
    }
    return plain.has(name) ? of(plain.get(name)) : missing(path);
  }

  String printed() throws TemplateFailure {
    if (missing != null) {
      throw new TemplateFailure(
          "template: :1: executing \"\" at <"
              + missing
              + ">: map has no entry for key \""
              + missing.substring(missing.lastIndexOf('.') + 1)
              + "\"");
    }
    return text(json(), "<no value>");
  }

  /** As Go's fmt prints it with %v. */
  static String text(Json value, String ofNull) {
    if (value.isNull()) {
      return ofNull;
    }
    if (value.isArray()) {
      StringBuilder out = new StringBuilder("[");
      for (Json item : value.items()) {
        out.append(out.length() == 1 ? "" : " ").append(text(item, "<nil>"));
      }
      return out.append(']').toString();
    }
    if (value.isObject()) {
      StringBuilder out = new StringBuilder("map[");
      for (Map.Entry<String, Json> each : new TreeMap<>(value.fields()).entrySet()) {
        out.append(out.length() == 4 ? "" : " ");
        out.append(each.getKey()).append(':').append(text(each.getValue(), "<nil>"));
      }
      return out.append(']').toString();
    }
    return value.text();
  }
}
