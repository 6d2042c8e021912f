package io.gantry.image.distribution.exchange;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request.
 *
 * @param path without the query, percent-decoded
 * @param query each parameter's values in their order, decoded
 * @param headers each header's values by its name in lower case
 */
public record Request(
    String method,
    String path,
    Map<String, List<String>> query,
    Map<String, List<String>> headers,
    Body body) {

  /** The parameter's first value. */
  public Optional<String> parameter(String name) {
    return query.getOrDefault(name, List.of()).stream().findFirst();
  }

  /** The parameter's values, in their order. */
  public List<String> parameters(String name) {
    return query.getOrDefault(name, List.of());
  }

  /**
   * The header's first value.
   *
   * @param name in lower case
   */
  public Optional<String> header(String name) {
    return headers.getOrDefault(name, List.of()).stream().findFirst();
  }
}
