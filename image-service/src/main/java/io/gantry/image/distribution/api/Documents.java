package io.gantry.image.distribution.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Content;

/** Answers that are JSON. */
final class Documents {

  static final String JSON = "application/json";
  private static final JsonMapper MAPPER = new JsonMapper();

  private Documents() {}

  static Answer answer(int status, String contentType, JsonNode document) {
    try {
      return Answer.of(status)
          .with("Content-Type", contentType)
          .with(new Content.Bytes(MAPPER.writeValueAsBytes(document)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that is no JSON", e);
    }
  }
}
