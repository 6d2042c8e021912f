package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.distribution.exchange.Answer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that cannot be granted, as its client is told. */
final class ApiFailure extends IOException {

  private final ErrorCode code;
  private final int status;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  ApiFailure(ErrorCode code, String message) {
    this(code, code.status(), message);
  }

  ApiFailure(ErrorCode code, int status, String message) {
    super(message);
    this.code = code;
    this.status = status;
  }

  ApiFailure with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  Answer answer() {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document
        .putArray("errors")
        .addObject()
        .put("code", code.name())
        .put("message", getMessage())
        .putNull("detail");
    Answer answer = Documents.answer(status, Documents.JSON, document);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      answer = answer.with(header.getKey(), header.getValue());
    }
    return answer;
  }
}
