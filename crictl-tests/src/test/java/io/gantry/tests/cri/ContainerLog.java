package io.gantry.tests.cri;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Collectors;

/** A container's log file as the CRI writes it, parsed strictly: any malformed line throws. */
public record ContainerLog(List<Line> lines) {

  /**
   * One line of the file.
   *
   * @param stream stdout or stderr
   * @param partial whether the program's line goes on in the next one
   */
  public record Line(OffsetDateTime time, String stream, boolean partial, String text) {

    static Line parse(String raw) {
      String[] parts = raw.split(" ", 4);
      if (parts.length < 4
          || !parts[1].matches("stdout|stderr")
          || !parts[2].matches("[PF](:.*)?")) {
        throw new AssertionError("not a line of a CRI log: " + raw);
      }
      return new Line(OffsetDateTime.parse(parts[0]), parts[1], parts[2].startsWith("P"), parts[3]);
    }
  }

  /** Reads the file, of which the last line may still be growing. */
  public static ContainerLog read(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    return new ContainerLog(whole.lines().map(Line::parse).toList());
  }

  /** What the program wrote to one stream, parts joined again. */
  public String of(String stream) {
    return lines.stream()
        .filter(line -> line.stream().equals(stream))
        .map(line -> line.partial() ? line.text() : line.text() + "\n")
        .collect(Collectors.joining());
  }

  public String stdout() {
    return of("stdout");
  }

  public String stderr() {
    return of("stderr");
  }
}
