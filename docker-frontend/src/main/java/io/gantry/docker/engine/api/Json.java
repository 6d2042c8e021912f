package io.gantry.docker.engine.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as trees: the API's documents have more fields than are worth a type each. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** A list of texts. */
  public static ArrayNode texts(Collection<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  /** An object whose values are texts. */
  public static ObjectNode texts(Map<String, String> values) {
    ObjectNode object = object();
    values.forEach(object::put);
    return object;
  }

  /**
   * Reads one value.
   *
   * @param what is read, for the message of the failure
   * @throws EngineException if the text is no JSON, or more follows
   */
  public static JsonNode parse(String text, String what) throws EngineException {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node == null || node.isMissingNode() ? object() : node;
    } catch (JsonProcessingException e) {
      throw EngineException.badRequest("invalid " + what + ": " + e.getOriginalMessage());
    }
  }

  /**
   * Reads one value.
   *
   * @throws EngineException if the bytes are no JSON, or more follows
   */
  public static JsonNode parse(byte[] bytes, String what) throws EngineException {
    return parse(new String(bytes, java.nio.charset.StandardCharsets.UTF_8), what);
  }

  public static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For files that people read. */
  public static byte[] pretty(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The texts of a list; none if it is absent or null. A single text counts as a list of one. */
  public static List<String> listOf(JsonNode node) {
    if (node.isTextual()) {
      return List.of(node.textValue());
    }
    List<String> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asText()));
    return List.copyOf(values);
  }

  /** The texts of an object; none if it is absent or null. */
  public static Map<String, String> mapOf(JsonNode node) {
    Map<String, String> values = new LinkedHashMap<>();
    node.properties().forEach(field -> values.put(field.getKey(), field.getValue().asText()));
    return values;
  }
}
