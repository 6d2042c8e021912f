package io.gantry.runtime.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The system calls of every calling mode by name, read from a resource when first needed and not
 * kept.
 */
final class SyscallTable {
  private static final String RESOURCE = "syscalls.txt";

  /** In this class for a call that the mode does not have. */
  static final int ABSENT = -1;

  private static final CallingMode[] COLUMNS = CallingMode.values();

  private final Map<String, int[]> numbers;

  private SyscallTable(Map<String, int[]> numbers) {
    this.numbers = numbers;
  }

  static SyscallTable load() {
    try (InputStream in = SyscallTable.class.getResourceAsStream(RESOURCE)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + RESOURCE, e);
    }
  }

  private static SyscallTable parse(String text) {
    Map<String, int[]> numbers = new HashMap<>(1024);
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      if (text.charAt(at) != '#') {
        int space = text.indexOf(' ', at);
        numbers.put(text.substring(at, space), columns(text, space + 1));
      }
      at = end + 1;
    }
    return new SyscallTable(numbers);
  }

  private static int[] columns(String text, int from) {
    int[] columns = new int[COLUMNS.length];
    int at = from;
    for (int i = 0; i < columns.length; i++) {
      int number = ABSENT;
      for (char c = text.charAt(at); c != ' ' && c != '\n'; c = text.charAt(++at)) {
        number = c == '-' ? ABSENT : Math.max(number, 0) * 10 + c - '0';
      }
      columns[i] = number;
      at++;
    }
    return columns;
  }

  /** Every name in any mode's table. */
  Set<String> names() {
    return Set.copyOf(numbers.keySet());
  }

  /**
   * The number in the mode's table, without {@link CallingMode#callBit()}; {@link #ABSENT} if there
   * is none.
   */
  int number(String name, CallingMode mode) {
    int[] columns = numbers.get(name);
    return columns == null ? ABSENT : columns[mode.ordinal()];
  }
}
