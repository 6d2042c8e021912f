package io.gantry.docker.cli.table;

import java.util.ArrayList;
import java.util.List;

/**
 * Puts cells that tabs separate in line, as Go's text/tabwriter does with docker's settings: a cell
 * is at least ten wide, three spaces are between columns, and the last cell of a line ends where it
 * ends.
 */
public final class Columns {
  private static final int MIN_WIDTH = 10;
  private static final int PADDING = 3;

  private Columns() {}

  /** Lines in, lines out. */
  public static String align(String text) {
    return align(text, MIN_WIDTH);
  }

  /** The same, for cells of another least width. */
  public static String align(String text, int minimum) {
    List<String[]> lines = new ArrayList<>();
    List<Integer> widths = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] cells = line.split("\t", -1);
      lines.add(cells);
      for (int i = 0; i < cells.length - 1; i++) {
        int width = Math.max(minimum, length(cells[i]) + PADDING);
        if (i == widths.size()) {
          widths.add(width);
        } else {
          widths.set(i, Math.max(widths.get(i), width));
        }
      }
    }
    StringBuilder out = new StringBuilder();
    for (int number = 0; number < lines.size(); number++) {
      String[] cells = lines.get(number);
      for (int i = 0; i < cells.length - 1; i++) {
        out.append(cells[i]).append(" ".repeat(widths.get(i) - length(cells[i])));
      }
      out.append(cells[cells.length - 1]);
      out.append(number < lines.size() - 1 ? "\n" : "");
    }
    return out.toString();
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
