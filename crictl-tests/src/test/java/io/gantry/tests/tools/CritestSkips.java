package io.gantry.tests.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The checked-in list of specs that are not run, with the reason of each. */
public record CritestSkips(List<Skip> skips) {

  private static final String RESOURCE = "/critest-skip.txt";

  /**
   * One line of the list.
   *
   * @param pattern matches somewhere in a spec's full name
   */
  public record Skip(String pattern, String reason) {}

  /**
   * Reads the list.
   *
   * @throws IllegalStateException if a line has no reason
   */
  public static CritestSkips read() {
    try (InputStream stream = CritestSkips.class.getResourceAsStream(RESOURCE)) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return new CritestSkips(
          text.lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(CritestSkips::parse)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException("read " + RESOURCE, e);
    }
  }

  private static Skip parse(String line) {
    String[] parts = line.split("\\s+#\\s+", 2);
    if (parts.length < 2) {
      throw new IllegalStateException(RESOURCE + ": no reason given: " + line);
    }
    return new Skip(parts[0].strip(), parts[1].strip());
  }

  /** All of them as one regular expression. */
  public String pattern() {
    return skips.stream().map(Skip::pattern).collect(Collectors.joining("|"));
  }

  /** Why a spec is on the list, if it is. */
  public Optional<String> reason(String specName) {
    return skips.stream()
        .filter(skip -> Pattern.compile(skip.pattern()).matcher(specName).find())
        .map(Skip::reason)
        .findFirst();
  }
}
