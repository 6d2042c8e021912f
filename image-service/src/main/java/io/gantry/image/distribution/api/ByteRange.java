package io.gantry.image.distribution.api;

import io.gantry.image.distribution.exchange.Request;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one range of a {@code Range} header (RFC 9110, 14.1.2). */
record ByteRange(long first, long length) {

  private static final Pattern ONE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

  /**
   * Reads the header.
   *
   * @param size of the whole
   * @return nothing if the whole is to be sent: no header, several ranges, or none that we know
   * @throws ApiFailure 416 if nothing of the whole lies within the range
   */
  static Optional<ByteRange> of(Request request, long size) throws ApiFailure {
    List<String> headers = request.headers().getOrDefault("range", List.of());
    Matcher range = ONE.matcher(headers.size() == 1 ? headers.get(0) : "");
    if (!range.matches() || range.group(1).isEmpty() && range.group(2).isEmpty()) {
      return Optional.empty();
    }
    long first;
    long last = size - 1;
    if (range.group(1).isEmpty()) {
      long suffix = Long.parseLong(range.group(2));
      first = suffix == 0 ? size : Math.max(0, size - suffix);
    } else {
      first = Long.parseLong(range.group(1));
      if (!range.group(2).isEmpty()) {
        long asked = Long.parseLong(range.group(2));
        last = Math.min(last, asked); // Before the first byte, it is as good as out of reach.
      }
    }
    if (first > last) {
      throw new ApiFailure(ErrorCode.RANGE_INVALID, "there are only " + size + " bytes")
          .with("Content-Range", "bytes */" + size);
    }
    return Optional.of(new ByteRange(first, last - first + 1));
  }

  String contentRange(long size) {
    return "bytes " + first + "-" + (first + length - 1) + "/" + size;
  }
}
