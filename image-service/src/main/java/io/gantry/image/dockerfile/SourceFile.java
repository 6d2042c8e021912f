package io.gantry.image.dockerfile;

import java.util.List;

/**
 * A file's name and lines, for messages about it.
 *
 * @param lines without their ends
 */
public record SourceFile(String name, List<String> lines) {

  private static final int SHOWN_CHARACTERS = 240;

  public SourceFile {
    lines = List.copyOf(lines);
  }

  static SourceFile of(String name, String content) {
    String text = content.startsWith("\uFEFF") ? content.substring(1) : content;
    return new SourceFile(name, List.of(text.split("\r?\n", -1)));
  }

  /** A fault at a place. */
  public DockerfileException error(Place place, String words) {
    return error(place, words, null);
  }

  /** A fault at a place, found by another failure. */
  public DockerfileException error(Place place, String words, Throwable cause) {
    return new DockerfileException(
        name + ":" + place.line() + ":" + place.column() + ": " + words + pointer(place),
        place,
        cause);
  }

  private String pointer(Place place) {
    if (place.line() < 1 || place.line() > lines.size()) {
      return "";
    }
    // Long lines are shown from shortly before the fault on.
    String line = lines.get(place.line() - 1);
    int at = Math.min(place.column() - 1, line.length());
    int from = at > SHOWN_CHARACTERS / 2 ? at - SHOWN_CHARACTERS / 2 : 0;
    String shown = plain(line.substring(from, Math.min(line.length(), from + SHOWN_CHARACTERS)));
    return "\n    " + shown + "\n    " + " ".repeat(at - from) + "^";
  }

  /** One column for each character, whatever the terminal makes of it. */
  private static String plain(String line) {
    StringBuilder plain = new StringBuilder();
    for (char c : line.toCharArray()) {
      plain.append(c < ' ' || c == 0x7f ? ' ' : c);
    }
    return plain.toString();
  }
}
