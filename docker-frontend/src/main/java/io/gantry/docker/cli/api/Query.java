package io.gantry.docker.cli.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** A path and its query, encoded as they grow. */
public final class Query {
  private final StringBuilder target = new StringBuilder();
  private boolean asked;

  /**
   * A path of fixed words and of names, each encoded: {@code Query.of("containers", id, "json")}.
   */
  public static Query of(String... segments) {
    Query query = new Query();
    for (String segment : segments) {
      query.target.append('/').append(encoded(segment));
    }
    return query;
  }

  /** Another of the same target, to be added to. */
  public static Query parse(String target) {
    Query query = new Query();
    query.target.append(target);
    query.asked = target.indexOf('?') >= 0;
    return query;
  }

  public Query with(String name, String value) {
    target.append(asked ? '&' : '?').append(encoded(name)).append('=').append(encoded(value));
    asked = true;
    return this;
  }

  public Query with(String name, boolean value) {
    return value ? with(name, "1") : this;
  }

  private static String encoded(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!plain && "-._~".indexOf(c) < 0) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
      }
    }
    return text;
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
