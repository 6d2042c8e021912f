package io.gantry.docker.engine.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Optional;

/**
 * One line of a log file: {@code TIME stdout|stderr F|P TEXT}.
 *
 * @param whole whether the program ended its line here
 */
record LogLine(Instant time, boolean error, boolean whole, byte[] text) {

  /** Reads a line without its line feed; empty if it has another form. */
  static Optional<LogLine> parse(byte[] line) {
    int first = indexOf(line, 0);
    int second = indexOf(line, first + 1);
    int third = indexOf(line, second + 1);
    if (first < 0 || second < 0 || third < 0) {
      return Optional.empty();
    }
    try {
      Instant time = OffsetDateTime.parse(text(line, 0, first)).toInstant();
      String stream = text(line, first + 1, second);
      String tag = text(line, second + 1, third);
      return Optional.of(
          new LogLine(
              time,
              stream.equals("stderr"),
              !tag.startsWith("P"),
              Arrays.copyOfRange(line, third + 1, line.length)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** What the program wrote. */
  byte[] bytes() {
    if (!whole) {
      return text;
    }
    byte[] all = Arrays.copyOf(text, text.length + 1);
    all[text.length] = '\n';
    return all;
  }

  private static String text(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.US_ASCII);
  }

  private static int indexOf(byte[] line, int from) {
    for (int index = Math.max(0, from); index < line.length; index++) {
      if (line[index] == ' ') {
        return index;
      }
    }
    return -1;
  }
}
