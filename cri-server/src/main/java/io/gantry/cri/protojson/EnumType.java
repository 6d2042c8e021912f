package io.gantry.cri.protojson;

import io.gantry.proto.schema.EnumSchema;
import io.gantry.proto.schema.EnumValueSchema;
import java.util.HashMap;
import java.util.Map;

/** The names and numbers of one enum. */
final class EnumType {
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  EnumType(EnumSchema schema) {
    for (EnumValueSchema value : schema.getValueList()) {
      names.putIfAbsent(value.getNumber(), value.getName());
      numbers.put(value.getName(), value.getNumber());
    }
  }

  /** The name, or null for a number that this version does not know. */
  String name(int number) {
    return names.get(number);
  }

  /** The number, or null for a name that this version does not know. */
  Integer number(String name) {
    return numbers.get(name);
  }
}
