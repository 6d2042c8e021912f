package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.failure.ImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads documents that came from strangers: depth is bounded, nothing may follow the document, and
 * each field is of the type asked for.
 */
public final class Json {

  private static final int DEPTH_LIMIT = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH_LIMIT).build())
                  // The parser would quote the document in its messages.
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * @param what the document's name for messages
   * @throws ImageException CORRUPT if it is no JSON object
   */
  public static JsonNode parse(String what, byte[] bytes) throws ImageException {
    JsonNode root = any(what, bytes);
    if (!root.isObject()) {
      throw new ImageException(CORRUPT, what + " is not a JSON object");
    }
    return root;
  }

  static JsonNode parseArray(String what, byte[] bytes) throws ImageException {
    JsonNode root = any(what, bytes);
    if (!root.isArray()) {
      throw new ImageException(CORRUPT, what + " is not a JSON array");
    }
    return root;
  }

  private static JsonNode any(String what, byte[] bytes) throws ImageException {
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new ImageException(CORRUPT, what + " is not JSON: " + e.getMessage(), e);
    }
  }

  /** A string; empty if it is missing or null. */
  public static Optional<String> text(String what, JsonNode node, String field)
      throws ImageException {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new ImageException(CORRUPT, what + ": " + field + " is not a string");
    }
    return Optional.of(value.textValue());
  }

  /** An array of strings; empty if it is missing or null. */
  public static List<String> texts(String what, JsonNode node, String field) throws ImageException {
    JsonNode array = node.path(field);
    List<String> values = new ArrayList<>();
    if (array.isMissingNode() || array.isNull()) {
      return values;
    }
    for (JsonNode value : array) {
      if (!array.isArray() || !value.isTextual()) {
        throw new ImageException(CORRUPT, what + ": " + field + " is not an array of strings");
      }
      values.add(value.textValue());
    }
    return values;
  }

  /** An object whose values are strings; empty if it is missing or null. */
  static Map<String, String> map(String what, JsonNode node, String field) throws ImageException {
    Map<String, String> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path(field).properties()) {
      if (!entry.getValue().isTextual()) {
        throw new ImageException(
            CORRUPT, what + ": " + field + "." + entry.getKey() + " is not a string");
      }
      values.put(entry.getKey(), entry.getValue().textValue());
    }
    return values;
  }

  /** The keys of an object that is used as a set; empty if it is missing or null. */
  static List<String> keys(JsonNode node, String field) {
    List<String> keys = new ArrayList<>();
    node.path(field).fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
