package io.gantry.image.dockerfile;

import java.util.Arrays;

/** Text put together from lines of a file, which knows where each of its characters stood. */
final class Text {
  private final String characters;
  private final int[] lines;
  private final int[] columns;
  private final Place end;

  private Text(String characters, int[] lines, int[] columns, Place end) {
    this.characters = characters;
    this.lines = lines;
    this.columns = columns;
    this.end = end;
  }

  static Text of(String line, int lineNumber) {
    int[] lines = new int[line.length()];
    int[] columns = new int[line.length()];
    Arrays.fill(lines, lineNumber);
    for (int i = 0; i < columns.length; i++) {
      columns[i] = i + 1;
    }
    return new Text(line, lines, columns, new Place(lineNumber, line.length() + 1));
  }

  Text then(Text more) {
    int length = length();
    int[] allLines = Arrays.copyOf(lines, length + more.length());
    int[] allColumns = Arrays.copyOf(columns, length + more.length());
    System.arraycopy(more.lines, 0, allLines, length, more.length());
    System.arraycopy(more.columns, 0, allColumns, length, more.length());
    return new Text(characters + more.characters, allLines, allColumns, more.end);
  }

  int length() {
    return characters.length();
  }

  char at(int index) {
    return characters.charAt(index);
  }

  /** Where a character stood; for the index behind the last one, where it would. */
  Place place(int index) {
    return index < length() ? new Place(lines[index], columns[index]) : end;
  }

  Text from(int from) {
    return part(from, length());
  }

  Text part(int from, int to) {
    return new Text(
        characters.substring(from, to),
        Arrays.copyOfRange(lines, from, to),
        Arrays.copyOfRange(columns, from, to),
        to < length() ? place(to) : end);
  }

  /** Without blanks at both ends. */
  Text trimmed() {
    int from = 0;
    int to = length();
    while (from < to && isBlank(at(from))) {
      from++;
    }
    while (to > from && isBlank(at(to - 1))) {
      to--;
    }
    return part(from, to);
  }

  boolean isEmpty() {
    return characters.isEmpty();
  }

  /** Nothing of another white space ends a word in a Dockerfile. */
  static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\u000b' || c == '\f';
  }

  @Override
  public String toString() {
    return characters;
  }
}
