package io.gantry.docker.cli.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request.
 *
 * @param target path and query, encoded
 */
public record Request(
    String method, String target, Map<String, String> headers, Optional<Body> body) {
  public static Request of(String method, String target) {
    return new Request(method, target, Map.of(), Optional.empty());
  }

  public Request with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Request(method, target, more, body);
  }

  public Request with(Body content) {
    return new Request(method, target, headers, Optional.of(content));
  }
}
