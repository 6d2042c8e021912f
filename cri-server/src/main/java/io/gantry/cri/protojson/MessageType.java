package io.gantry.cri.protojson;

import io.gantry.proto.schema.FieldSchema;
import io.gantry.proto.schema.MessageSchema;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** The shape of one message: its fields by number, and by either of their names. */
final class MessageType {
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final String fullName;
  private final boolean mapEntry;
  private final Map<Integer, Field> byNumber = new HashMap<>();
  private final Map<String, Field> byName = new HashMap<>();

  MessageType(String fullName, MessageSchema schema) {
    this.fullName = fullName;
    this.mapEntry = schema.getOptions().getMapEntry();
    for (FieldSchema each : schema.getFieldList()) {
      Field field = Field.of(fullName, each);
      byNumber.put(field.number(), field);
      byName.put(field.name(), field);
      byName.put(field.jsonName(), field);
    }
  }

  String fullName() {
    return fullName;
  }

  /** Whether protoc made this message up to hold one entry of a map. */
  boolean isMapEntry() {
    return mapEntry;
  }

  Collection<Field> fields() {
    return Collections.unmodifiableCollection(byNumber.values());
  }

  Field key() {
    return byNumber.get(KEY);
  }

  Field value() {
    return byNumber.get(VALUE);
  }

  /** The field of that number, or null: the message was written by a newer program. */
  Field field(int number) {
    return byNumber.get(number);
  }

  /** The field of that JSON name or original name, or null. */
  Field field(String name) {
    return byName.get(name);
  }
}
