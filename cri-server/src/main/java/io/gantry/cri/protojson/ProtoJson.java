package io.gantry.cri.protojson;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;

/**
 * Lite protobuf messages ⇄ JSON, by the rules of proto3's JSON mapping
 * (https://protobuf.dev/programming-guides/json/): field names in lowerCamelCase, 64-bit integers
 * as strings, enums by name, bytes in base64, absent and default fields left out. Every message of
 * module proto can be used, whichever runtime generated it, because the conversion goes through the
 * wire format and the descriptor set in the proto jar.
 *
 * <p>Reading is lenient unless asked to be strict: fields and enum names that are not known are
 * skipped, so that a record written by another version of gantry loads. Either way original field
 * names (snake_case) are taken too, and a value of the wrong type is an error. Fields that are
 * unknown to this version inside a message are not printed.
 *
 * <p>Thread-safe.
 */
public final class ProtoJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final ObjectMapper INDENTED =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Schema SCHEMA = Schema.load();

  private ProtoJson() {}

  /**
   * The message as a JSON tree.
   *
   * @throws IllegalArgumentException if the message is of no type of module proto, or holds a value
   *     that JSON cannot carry (a timestamp outside the years 1 to 9999, a google.protobuf.Any
   *     whose bytes are not what its URL says)
   */
  public static JsonNode print(MessageLite message) {
    return new JsonPrinter(SCHEMA, false).print(message);
  }

  /**
   * As {@link #print}, with passwords, tokens and environment values replaced by {@code
   * "<redacted>"}: the form for logs and dumps. It is not meant to be read back.
   *
   * @throws IllegalArgumentException as for {@link #print}
   */
  public static JsonNode printRedacted(MessageLite message) {
    return new JsonPrinter(SCHEMA, true).print(message);
  }

  /**
   * The message as JSON text on one line.
   *
   * @throws IllegalArgumentException as for {@link #print}
   */
  public static String toText(MessageLite message) {
    return write(JSON, print(message));
  }

  /**
   * The message as JSON text, indented for people.
   *
   * @throws IllegalArgumentException as for {@link #print}
   */
  public static String toIndentedText(MessageLite message) {
    return write(INDENTED, print(message));
  }

  /**
   * The redacted message as JSON text on one line, for logs.
   *
   * @throws IllegalArgumentException as for {@link #print}
   */
  public static String toRedactedText(MessageLite message) {
    return write(JSON, printRedacted(message));
  }

  /**
   * Reads a message, skipping what this version does not know.
   *
   * @param instance any message of the wanted type, usually {@code X.getDefaultInstance()}; its
   *     content is not used
   * @throws ProtoJsonException if a value does not fit its field; the text names the field
   */
  public static <T extends MessageLite> T parse(JsonNode json, T instance)
      throws ProtoJsonException {
    return parse(json, instance, false);
  }

  /**
   * Reads a message from text, skipping what this version does not know.
   *
   * @throws ProtoJsonException if the text is no JSON, or a value does not fit its field
   */
  public static <T extends MessageLite> T parse(String json, T instance) throws ProtoJsonException {
    return parse(tree(json), instance, false);
  }

  /**
   * Reads a message that a person wrote: unknown fields and enum names are errors.
   *
   * @throws ProtoJsonException if a name is unknown or a value does not fit its field
   */
  public static <T extends MessageLite> T parseStrict(JsonNode json, T instance)
      throws ProtoJsonException {
    return parse(json, instance, true);
  }

  private static <T extends MessageLite> T parse(JsonNode json, T instance, boolean strict)
      throws ProtoJsonException {
    MessageType type = SCHEMA.typeOf(instance);
    byte[] wire = new JsonReader(SCHEMA, strict).read(type, json);
    try {
      @SuppressWarnings("unchecked") // a message's parser makes messages of its own class
      T message = (T) instance.getParserForType().parseFrom(wire);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new ProtoJsonException("not a " + type.fullName() + ": " + e.getMessage(), e);
    }
  }

  private static JsonNode tree(String json) throws ProtoJsonException {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      // The parser's own message quotes the text around the error, which may be a secret.
      throw new ProtoJsonException(
          "no JSON at line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    }
  }

  private static String write(ObjectMapper mapper, JsonNode node) {
    try {
      return mapper.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }
}
