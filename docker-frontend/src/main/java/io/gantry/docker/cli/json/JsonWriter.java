package io.gantry.docker.cli.json;

import java.util.List;
import java.util.Map;

/** Writes values as text, in the form that docker prints. */
final class JsonWriter {
  private final StringBuilder out;
  private final String step;

  private JsonWriter(StringBuilder out, String step) {
    this.out = out;
    this.step = step;
  }

  static JsonWriter compact(StringBuilder out) {
    return new JsonWriter(out, null);
  }

  static JsonWriter indented(StringBuilder out, String step) {
    return new JsonWriter(out, step);
  }

  void write(Json value) {
    write(value, 1);
  }

  private void write(Json value, int depth) {
    if (value.isObject()) {
      writeObject(value.fields(), depth);
    } else if (value.isArray()) {
      writeArray(value.items(), depth);
    } else if (value.isText()) {
      quote(value.text());
    } else {
      out.append(value.isNull() ? "null" : value.text());
    }
  }

  private void writeObject(Map<String, Json> fields, int depth) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<String, Json> field : fields.entrySet()) {
      separate(first, depth);
      first = false;
      quote(field.getKey());
      out.append(step == null ? ":" : ": ");
      write(field.getValue(), depth + 1);
    }
    end(first, depth);
    out.append('}');
  }

  private void writeArray(List<Json> items, int depth) {
    out.append('[');
    boolean first = true;
    for (Json item : items) {
      separate(first, depth);
      first = false;
      write(item, depth + 1);
    }
    end(first, depth);
    out.append(']');
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(',');
    }
    newLine(depth);
  }

  private void end(boolean empty, int depth) {
    if (!empty) {
      newLine(depth - 1);
    }
  }

  private void newLine(int depth) {
    if (step != null) {
      out.append('\n').append(step.repeat(depth));
    }
  }

  /** RFC 8259, section 7. */
  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c == '\u2028' || c == '\u2029') {
            out.append("\\u");
            String digits = Integer.toHexString(c);
            out.append("0".repeat(4 - digits.length())).append(digits);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
