package io.gantry.cri.protojson;

import com.google.protobuf.WireFormat;
import io.gantry.proto.schema.FieldSchema;

/**
 * One field of a message type.
 *
 * @param typeName full name of the message or enum, without a leading dot; empty for scalars
 * @param secret whether the value stays out of logs
 */
record Field(
    String name,
    String jsonName,
    int number,
    WireFormat.FieldType type,
    String typeName,
    boolean repeated,
    boolean secret) {

  /** Environment values: the CRI does not mark them, yet passwords travel in them. */
  private static final String ENVIRONMENT_VALUE = "runtime.v1.KeyValue.value";

  static Field of(String owner, FieldSchema schema) {
    return new Field(
        schema.getName(),
        schema.getJsonName(),
        schema.getNumber(),
        wireType(schema),
        schema.getTypeName().isEmpty() ? "" : schema.getTypeName().substring(1),
        schema.getLabel() == FieldSchema.Label.LABEL_REPEATED,
        schema.getOptions().getDebugRedact()
            || ENVIRONMENT_VALUE.equals(owner + "." + schema.getName()));
  }

  /** Both enums name their constants alike, apart from the prefix. */
  private static WireFormat.FieldType wireType(FieldSchema schema) {
    return WireFormat.FieldType.valueOf(schema.getType().name().substring("TYPE_".length()));
  }
}
