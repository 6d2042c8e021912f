package io.gantry.cri.protojson;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

/** Reads a JSON tree and writes the message's wire format. */
final class JsonReader {
  private final Schema schema;
  private final WellKnownTypes wellKnown;
  private final boolean strict;

  JsonReader(Schema schema, boolean strict) {
    this.schema = schema;
    this.strict = strict;
    this.wellKnown = new WellKnownTypes(schema);
  }

  byte[] read(MessageType type, JsonNode json) throws ProtoJsonException {
    byte[] special = wellKnown.read(type, json, this);
    return special != null ? special : fields(type, json);
  }

  private byte[] fields(MessageType type, JsonNode json) throws ProtoJsonException {
    if (!json.isObject()) {
      throw new ProtoJsonException(
          "%s is not an object of %s".formatted(Scalars.kind(json), type.fullName()));
    }
    return wire(
        out -> {
          Set<Map.Entry<String, JsonNode>> members = json.properties();
          for (Map.Entry<String, JsonNode> member : members) {
            try {
              member(type, member.getKey(), member.getValue(), out);
            } catch (ProtoJsonException e) {
              throw e.within(member.getKey());
            }
          }
        });
  }

  private void member(MessageType type, String name, JsonNode json, CodedOutputStream out)
      throws IOException {
    Field field = type.field(name);
    if (field == null) {
      if (strict) {
        throw new ProtoJsonException(type.fullName() + " has no such field");
      }
    } else if (json.isNull()) {
      return; // by the mapping, null stands for an absent field
    } else if (!field.repeated()) {
      value(field, json, out);
    } else if (isMap(field)) {
      map(field, json, out);
    } else {
      list(field, json, out);
    }
  }

  private boolean isMap(Field field) {
    return field.type() == WireFormat.FieldType.MESSAGE
        && schema.message(field.typeName()).isMapEntry();
  }

  /** Numbers are written one by one: every reader must take the unpacked form too. */
  private void list(Field field, JsonNode json, CodedOutputStream out) throws IOException {
    if (!json.isArray()) {
      throw new ProtoJsonException(Scalars.kind(json) + " is not a list");
    }
    for (int i = 0; i < json.size(); i++) {
      try {
        value(field, json.get(i), out);
      } catch (ProtoJsonException e) {
        throw e.within("[" + i + "]");
      }
    }
  }

  private void map(Field field, JsonNode json, CodedOutputStream out) throws IOException {
    if (!json.isObject()) {
      throw new ProtoJsonException(Scalars.kind(json) + " is not an object");
    }
    MessageType entry = schema.message(field.typeName());
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      try {
        byte[] pair =
            wire(
                content -> {
                  value(entry.key(), key(entry.key(), member.getKey()), content);
                  value(entry.value(), member.getValue(), content);
                });
        out.writeByteArray(field.number(), pair);
      } catch (ProtoJsonException e) {
        throw e.within("[" + member.getKey() + "]");
      }
    }
  }

  private static JsonNode key(Field field, String name) {
    boolean flag = field.type() == WireFormat.FieldType.BOOL;
    if (flag && (name.equals("true") || name.equals("false"))) {
      return BooleanNode.valueOf(name.equals("true"));
    }
    return TextNode.valueOf(name);
  }

  private void value(Field field, JsonNode json, CodedOutputStream out) throws IOException {
    int number = field.number();
    switch (field.type()) {
      case DOUBLE -> out.writeDouble(number, Scalars.float64(json));
      case FLOAT -> out.writeFloat(number, Scalars.float32(json));
      case INT64 -> out.writeInt64(number, Scalars.int64(json));
      case SINT64 -> out.writeSInt64(number, Scalars.int64(json));
      case SFIXED64 -> out.writeSFixed64(number, Scalars.int64(json));
      case UINT64 -> out.writeUInt64(number, Scalars.uint64(json));
      case FIXED64 -> out.writeFixed64(number, Scalars.uint64(json));
      case INT32 -> out.writeInt32(number, Scalars.int32(json));
      case SINT32 -> out.writeSInt32(number, Scalars.int32(json));
      case SFIXED32 -> out.writeSFixed32(number, Scalars.int32(json));
      case UINT32 -> out.writeUInt32(number, Scalars.uint32(json));
      case FIXED32 -> out.writeFixed32(number, Scalars.uint32(json));
      case BOOL -> out.writeBool(number, Scalars.bool(json));
      case STRING -> out.writeString(number, Scalars.text(json));
      case BYTES -> out.writeByteArray(number, Scalars.bytes(json));
      case ENUM -> enumValue(field, json, out);
      case MESSAGE -> out.writeByteArray(number, read(schema.message(field.typeName()), json));
      case GROUP -> throw new ProtoJsonException("is a group, which proto3 has not");
    }
  }

  private void enumValue(Field field, JsonNode json, CodedOutputStream out) throws IOException {
    if (!json.isTextual()) {
      out.writeEnum(field.number(), Scalars.int32(json));
      return;
    }
    Integer number = schema.enumOf(field).number(json.textValue());
    if (number != null) {
      out.writeEnum(field.number(), number);
    } else if (strict) {
      throw new ProtoJsonException(
          "%s has no value \"%s\"".formatted(field.typeName(), json.textValue()));
    }
  }

  private interface Content {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] wire(Content content) throws ProtoJsonException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      content.writeTo(out);
      out.flush();
    } catch (ProtoJsonException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("write to memory", e);
    }
    return bytes.toByteArray();
  }
}
