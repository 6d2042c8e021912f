package io.gantry.image.distribution.api;

import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A part of a sorted list, as {@code n} and {@code last} ask for it (OCI distribution
 * specification, "Listing Tags").
 *
 * @param more whether something follows
 */
record Page(List<String> items, boolean more) {

  /** So many where a client does not say, and at most. */
  private static final int COUNT_LIMIT = 10_000;

  /**
   * @param sorted the whole list in the order of its characters
   * @throws ApiFailure if {@code n} is no number of items
   */
  static Page of(List<String> sorted, Request request) throws ApiFailure {
    int count = count(request);
    String last = request.parameter("last").orElse("");
    List<String> after = sorted.stream().filter(item -> item.compareTo(last) > 0).toList();
    List<String> items = after.subList(0, Math.min(count, after.size()));
    return new Page(items, count > 0 && items.size() < after.size());
  }

  private static int count(Request request) throws ApiFailure {
    String n = request.parameter("n").orElse("");
    if (n.isEmpty()) {
      return COUNT_LIMIT;
    }
    if (!n.matches("[0-9]{1,18}")) {
      throw new ApiFailure(
          ErrorCode.PAGINATION_NUMBER_INVALID, "n must be a number of items, not \"" + n + "\"");
    }
    return (int) Math.min(COUNT_LIMIT, Long.parseLong(n));
  }

  /** Says where the list goes on (RFC 8288). */
  Answer link(Answer answer, Request request) {
    if (!more) {
      return answer;
    }
    String last = URLEncoder.encode(items.get(items.size() - 1), StandardCharsets.UTF_8);
    return answer.with(
        "Link", "<" + request.path() + "?n=" + items.size() + "&last=" + last + ">; rel=\"next\"");
  }
}
