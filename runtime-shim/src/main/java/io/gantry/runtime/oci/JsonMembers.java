package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Writes members of objects and leaves out those that say nothing. */
final class JsonMembers {
  private JsonMembers() {}

  static void flag(JsonGenerator out, String name, boolean value) throws IOException {
    if (value) {
      out.writeBooleanField(name, true);
    }
  }

  static void flag(JsonGenerator out, String name, Optional<Boolean> value) throws IOException {
    if (value.isPresent()) {
      out.writeBooleanField(name, value.get());
    }
  }

  static void string(JsonGenerator out, String name, Optional<String> value) throws IOException {
    if (value.isPresent()) {
      out.writeStringField(name, value.get());
    }
  }

  static void number(JsonGenerator out, String name, OptionalInt value) throws IOException {
    if (value.isPresent()) {
      out.writeNumberField(name, value.getAsInt());
    }
  }

  static void number(JsonGenerator out, String name, OptionalLong value) throws IOException {
    if (value.isPresent()) {
      out.writeNumberField(name, value.getAsLong());
    }
  }

  static void unsigned(JsonGenerator out, String name, long bits) throws IOException {
    out.writeFieldName(name);
    out.writeNumber(Long.toUnsignedString(bits));
  }

  static void strings(JsonGenerator out, String name, List<String> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  static void strings(JsonGenerator out, String name, Map<String, String> values)
      throws IOException {
    if (values.isEmpty()) {
      return;
    }
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, String> entry : values.entrySet()) {
      out.writeStringField(entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
  }
}
