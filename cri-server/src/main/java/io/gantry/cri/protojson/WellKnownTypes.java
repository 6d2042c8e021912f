package io.gantry.cri.protojson;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;

/**
 * The messages whose JSON form is not an object of their fields. Of protobuf's well-known types
 * module proto imports Timestamp, Any and Empty; Empty needs no rule.
 */
final class WellKnownTypes {
  private static final String TIMESTAMP = "google.protobuf.Timestamp";
  private static final String ANY = "google.protobuf.Any";
  private static final String URL = "@type";
  private static final String VALUE = "value";

  /** The years 1 to 9999, which is what RFC 3339 can write. */
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private final Schema schema;

  WellKnownTypes(Schema schema) {
    this.schema = schema;
  }

  /** The JSON form of a well-known type, or null if the type is an ordinary message. */
  JsonNode print(MessageType type, byte[] wire, JsonPrinter printer) throws IOException {
    return switch (type.fullName()) {
      case TIMESTAMP -> printTimestamp(Timestamp.parseFrom(wire));
      case ANY -> printAny(Any.parseFrom(wire), printer);
      default -> null;
    };
  }

  /** The wire form of a well-known type, or null if the type is an ordinary message. */
  byte[] read(MessageType type, JsonNode json, JsonReader reader) throws ProtoJsonException {
    return switch (type.fullName()) {
      case TIMESTAMP -> readTimestamp(json).toByteArray();
      case ANY -> readAny(json, reader).toByteArray();
      default -> null;
    };
  }

  private static JsonNode printTimestamp(Timestamp timestamp) throws IOException {
    Instant instant = Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    requireWritable(instant);
    return JsonNodeFactory.instance.textNode(instant.toString());
  }

  private static Timestamp readTimestamp(JsonNode json) throws ProtoJsonException {
    if (!json.isTextual()) {
      throw new ProtoJsonException("an RFC 3339 time is a string");
    }
    try {
      Instant instant = OffsetDateTime.parse(json.textValue()).toInstant();
      requireWritable(instant);
      return Timestamp.newBuilder()
          .setSeconds(instant.getEpochSecond())
          .setNanos(instant.getNano())
          .build();
    } catch (DateTimeException e) {
      throw new ProtoJsonException("\"" + json.textValue() + "\" is not an RFC 3339 time", e);
    }
  }

  private static void requireWritable(Instant instant) throws ProtoJsonException {
    if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
      throw new ProtoJsonException("the time " + instant + " is outside the years 1 to 9999");
    }
  }

  /**
   * A message we know is printed by its fields. Any other content is kept as bytes: containerd puts
   * plain JSON into an Any under URLs of its own.
   */
  private JsonNode printAny(Any any, JsonPrinter printer) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (any.equals(Any.getDefaultInstance())) {
      return json;
    }
    json.put(URL, any.getTypeUrl());
    MessageType type = typeOf(any.getTypeUrl());
    if (type == null) {
      return json.put(VALUE, Base64.getEncoder().encodeToString(any.getValue().toByteArray()));
    }
    JsonNode content = printer.print(type, any.getValue().toByteArray());
    return isWellKnown(type) ? json.set(VALUE, content) : json.setAll((ObjectNode) content);
  }

  private Any readAny(JsonNode json, JsonReader reader) throws ProtoJsonException {
    if (!json.isObject()) {
      throw new ProtoJsonException("an Any is an object");
    }
    if (json.isEmpty()) {
      return Any.getDefaultInstance();
    }
    String url = json.path(URL).asText("");
    MessageType type = typeOf(url);
    byte[] value;
    if (type == null) {
      value = Scalars.bytes(json.path(VALUE));
    } else if (isWellKnown(type)) {
      value = reader.read(type, json.path(VALUE));
    } else {
      value = reader.read(type, ((ObjectNode) json.deepCopy()).without(URL));
    }
    return Any.newBuilder().setTypeUrl(url).setValue(ByteString.copyFrom(value)).build();
  }

  private MessageType typeOf(String url) {
    return schema.message(url.substring(url.lastIndexOf('/') + 1));
  }

  private static boolean isWellKnown(MessageType type) {
    return type.fullName().equals(TIMESTAMP) || type.fullName().equals(ANY);
  }
}
