package io.gantry.docker.engine.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a client asks.
 *
 * @param path without the version
 * @param version that the client speaks
 * @param headers by their names in lower case
 * @param parameters from the path, by the names that its route has for them
 * @param body may be read once
 */
public record Request(
    String method,
    String path,
    ApiVersion version,
    Query query,
    Map<String, String> headers,
    Map<String, String> parameters,
    InputStream body) {
  private static final int LARGEST_DOCUMENT = 16 << 20;

  public Request {
    headers = Map.copyOf(headers);
    parameters = Map.copyOf(parameters);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** A part of the path; the route must have it. */
  public String parameter(String name) {
    return parameters.get(name);
  }

  /**
   * The body as JSON; an empty object if there is none.
   *
   * @throws EngineException if it is none, or not said to be some
   */
  public JsonNode json() throws EngineException, IOException {
    byte[] bytes = body.readNBytes(LARGEST_DOCUMENT + 1);
    if (bytes.length > LARGEST_DOCUMENT) {
      throw EngineException.badRequest("the request's document is larger than 16 MiB");
    }
    if (new String(bytes, java.nio.charset.StandardCharsets.UTF_8).isBlank()) {
      return Json.object();
    }
    String type = header("Content-Type").orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw EngineException.badRequest(
          "unsupported Content-Type header (" + type + "): must be 'application/json'");
    }
    return Json.parse(bytes, "JSON");
  }
}
