package io.gantry.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.http.HttpResponse;

/**
 * What a registry says about a failure (OCI distribution specification, "Error Codes"), if it says
 * it in a form we know.
 */
final class ErrorBody {

  private static final int LIMIT_BYTES = 64 << 10;
  private static final int WORDS_LIMIT = 300;
  private static final JsonMapper MAPPER = new JsonMapper();

  private ErrorBody() {}

  /** {@code ": CODE message"}, or nothing. Reads and closes the body. */
  static String words(HttpResponse<Body> response, Patience patience, Cancellation cancellation) {
    try (Body body = response.body()) {
      JsonNode error =
          MAPPER.readTree(body.readAll(LIMIT_BYTES, patience, cancellation)).path("errors").path(0);
      String words =
          (error.path("code").asText("") + " " + error.path("message").asText("")).trim();
      return words.isEmpty() ? "" : ": " + printable(words);
    } catch (IOException unreadable) {
      return "";
    }
  }

  private static String printable(String words) {
    String bounded = words.length() > WORDS_LIMIT ? words.substring(0, WORDS_LIMIT) + "…" : words;
    return bounded.replaceAll("\\p{Cntrl}", " ");
  }
}
