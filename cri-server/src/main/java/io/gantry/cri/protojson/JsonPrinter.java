package io.gantry.cri.protojson;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Base64;

/** Reads a message's wire format and builds its JSON tree. */
final class JsonPrinter {
  private static final String REDACTED = "<redacted>";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Schema schema;
  private final WellKnownTypes wellKnown;
  private final boolean redact;

  JsonPrinter(Schema schema, boolean redact) {
    this.schema = schema;
    this.redact = redact;
    this.wellKnown = new WellKnownTypes(schema);
  }

  JsonNode print(MessageLite message) {
    MessageType type = schema.typeOf(message);
    try {
      return print(type, message.toByteArray());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "print %s as JSON: %s".formatted(type.fullName(), e.getMessage()), e);
    }
  }

  JsonNode print(MessageType type, byte[] wire) throws IOException {
    JsonNode special = wellKnown.print(type, wire, this);
    return special != null ? special : fields(type, wire);
  }

  private ObjectNode fields(MessageType type, byte[] wire) throws IOException {
    ObjectNode json = NODES.objectNode();
    CodedInputStream in = CodedInputStream.newInstance(wire);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      Field field = type.field(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
      } else if (!field.repeated()) {
        json.set(field.jsonName(), value(field, in));
      } else if (isMap(field)) {
        entry(schema.message(field.typeName()), in, json.withObjectProperty(field.jsonName()));
      } else {
        elements(field, tag, in, json.withArrayProperty(field.jsonName()));
      }
    }
    return json;
  }

  private boolean isMap(Field field) {
    return field.type() == WireFormat.FieldType.MESSAGE
        && schema.message(field.typeName()).isMapEntry();
  }

  /**
   * One element, or a packed run of them: both forms are legal for numbers, whichever is declared.
   */
  private void elements(Field field, int tag, CodedInputStream in, ArrayNode array)
      throws IOException {
    boolean packed =
        field.type().isPackable()
            && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    if (!packed) {
      array.add(value(field, in));
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      array.add(value(field, in));
    }
    in.popLimit(limit);
  }

  /** A map's entry is a message of key and value; either is left out when it has its default. */
  private void entry(MessageType entry, CodedInputStream in, ObjectNode map) throws IOException {
    CodedInputStream content = CodedInputStream.newInstance(in.readByteArray());
    JsonNode key = absent(entry.key());
    JsonNode value = absent(entry.value());
    for (int tag = content.readTag(); tag != 0; tag = content.readTag()) {
      Field field = entry.field(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        content.skipField(tag);
      } else if (field.equals(entry.key())) {
        key = value(field, content);
      } else {
        value = value(field, content);
      }
    }
    map.set(key.asText(), value);
  }

  private JsonNode absent(Field field) throws IOException {
    return switch (field.type()) {
      case STRING, BYTES -> NODES.textNode("");
      case BOOL -> NODES.booleanNode(false);
      case INT64, UINT64, SINT64, FIXED64, SFIXED64 -> NODES.textNode("0");
      case ENUM -> enumNode(field, 0);
      case MESSAGE -> print(schema.message(field.typeName()), new byte[0]);
      default -> NODES.numberNode(0);
    };
  }

  private JsonNode value(Field field, CodedInputStream in) throws IOException {
    JsonNode node = rawValue(field, in);
    return redact && field.secret() ? NODES.textNode(REDACTED) : node;
  }

  private JsonNode rawValue(Field field, CodedInputStream in) throws IOException {
    return switch (field.type()) {
      case DOUBLE -> decimal(in.readDouble());
      case FLOAT -> decimal(in.readFloat());
      case INT64 -> NODES.textNode(Long.toString(in.readInt64()));
      case SINT64 -> NODES.textNode(Long.toString(in.readSInt64()));
      case SFIXED64 -> NODES.textNode(Long.toString(in.readSFixed64()));
      case UINT64 -> NODES.textNode(Long.toUnsignedString(in.readUInt64()));
      case FIXED64 -> NODES.textNode(Long.toUnsignedString(in.readFixed64()));
      case INT32 -> NODES.numberNode(in.readInt32());
      case SINT32 -> NODES.numberNode(in.readSInt32());
      case SFIXED32 -> NODES.numberNode(in.readSFixed32());
      case UINT32 -> NODES.numberNode(Integer.toUnsignedLong(in.readUInt32()));
      case FIXED32 -> NODES.numberNode(Integer.toUnsignedLong(in.readFixed32()));
      case BOOL -> NODES.booleanNode(in.readBool());
      case STRING -> NODES.textNode(in.readStringRequireUtf8());
      case BYTES -> NODES.textNode(Base64.getEncoder().encodeToString(in.readByteArray()));
      case ENUM -> enumNode(field, in.readEnum());
      case MESSAGE -> print(schema.message(field.typeName()), in.readByteArray());
      case GROUP -> throw new IOException(field.name() + " is a group, which proto3 has not");
    };
  }

  /** Numbers that JSON has not are strings by the mapping. */
  private static JsonNode decimal(double value) {
    return Double.isFinite(value) ? NODES.numberNode(value) : NODES.textNode(nonFinite(value));
  }

  /** A float keeps its own short form: 0.1f is 0.1, not 0.10000000149011612. */
  private static JsonNode decimal(float value) {
    return Float.isFinite(value) ? NODES.numberNode(value) : NODES.textNode(nonFinite(value));
  }

  private static String nonFinite(double value) {
    return Double.toString(value); // NaN, Infinity, -Infinity: Java and the mapping agree
  }

  private JsonNode enumNode(Field field, int number) {
    String name = schema.enumOf(field).name(number);
    return name == null ? NODES.numberNode(number) : NODES.textNode(name);
  }
}
