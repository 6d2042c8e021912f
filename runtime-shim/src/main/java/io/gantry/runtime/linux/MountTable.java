package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Parses /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
final class MountTable {
  private MountTable() {}

  static List<MountInfo> parse(String table) throws IOException {
    List<MountInfo> mounts = new ArrayList<>();
    int start = 0;
    while (start < table.length()) {
      int end = table.indexOf('\n', start);
      if (end < 0) {
        end = table.length();
      }
      if (end > start) {
        mounts.add(line(table.substring(start, end)));
      }
      start = end + 1;
    }
    return mounts;
  }

  private static MountInfo line(String line) throws IOException {
    List<String> fields = fields(line);
    int separator = fields.indexOf("-");
    if (separator < 6 || fields.size() < separator + 4) {
      throw new IOException("not a line of mountinfo: " + line);
    }
    try {
      return new MountInfo(
          Integer.parseInt(fields.get(0)),
          Integer.parseInt(fields.get(1)),
          device(fields.get(2)),
          unescape(fields.get(3)),
          unescape(fields.get(4)),
          fields.get(5),
          fields.subList(6, separator),
          unescape(fields.get(separator + 1)),
          unescape(fields.get(separator + 2)),
          unescape(fields.get(separator + 3)));
    } catch (NumberFormatException e) {
      throw new IOException("not a line of mountinfo: " + line, e);
    }
  }

  /** Splits at single spaces: an empty field, such as a missing source, is kept. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>(11);
    int start = 0;
    while (true) {
      int space = line.indexOf(' ', start);
      if (space < 0) {
        fields.add(line.substring(start));
        return fields;
      }
      fields.add(line.substring(start, space));
      start = space + 1;
    }
  }

  private static DeviceNumber device(String text) {
    int colon = text.indexOf(':');
    return new DeviceNumber(
        Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  /** The kernel writes space, tab, newline, backslash and # as three octal digits. */
  static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 3 < text.length() && isOctal(text, i + 1)) {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static boolean isOctal(String text, int at) {
    for (int i = at; i < at + 3; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }
}
