package io.gantry.image.distribution.api;

import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Request;
import io.gantry.image.reference.Digest;
import java.util.List;

/**
 * What a client makes its request depend on (RFC 9110, 13). Content never changes under its digest,
 * so the digest is the entity tag.
 */
final class Conditions {

  private Conditions() {}

  static String entityTag(Digest digest) {
    return "\"" + digest + "\"";
  }

  /** Whether the client has it already. */
  static boolean isKnown(Request request, Digest digest) {
    return names(request.headers().getOrDefault("if-none-match", List.of()), digest);
  }

  /** Whether the ranges asked for are of the content as it is. */
  static boolean isRangeValid(Request request, Digest digest) {
    List<String> condition = request.headers().getOrDefault("if-range", List.of());
    return condition.isEmpty() || names(condition, digest);
  }

  private static boolean names(List<String> headers, Digest digest) {
    for (String header : headers) {
      for (String tag : header.split(",")) {
        String own = tag.strip();
        String strong = own.startsWith("W/") ? own.substring(2) : own;
        if (own.equals("*") || strong.equals(entityTag(digest))) {
          return true;
        }
      }
    }
    return false;
  }

  static Answer notModified(Digest digest) {
    return Answer.of(304)
        .with("ETag", entityTag(digest))
        .with("Docker-Content-Digest", digest.toString());
  }
}
