package io.gantry.cri.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where each key stands in a TOML text. The parser tells values but not their lines, and a message
 * without a line makes people search. Knows the forms that configurations are written in (tables,
 * bare, quoted and dotted keys); a key that stands inside an inline table or after a multi-line
 * string's text that looks like a key may have no line or a wrong one, which costs a message its
 * line and nothing else.
 */
final class KeyLines {
  private static final String NAME = "(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')";
  private static final String DOTTED = NAME + "(?:\\s*\\.\\s*" + NAME + ")*";
  private static final Pattern TABLE =
      Pattern.compile("\\s*\\[{1,2}\\s*(" + DOTTED + ")\\s*]{1,2}.*");
  private static final Pattern ASSIGNMENT = Pattern.compile("\\s*(" + DOTTED + ")\\s*=.*");
  private static final Pattern ONE_NAME = Pattern.compile(NAME);

  private final Map<String, Integer> lines = new HashMap<>();

  KeyLines(String toml) {
    String table = "";
    int number = 0;
    for (String line : toml.lines().toList()) {
      number++;
      Matcher header = TABLE.matcher(line);
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (header.matches()) {
        table = plain(header.group(1));
        put(table, number);
      } else if (assignment.matches()) {
        String key = plain(assignment.group(1));
        put(table.isEmpty() ? key : table + "." + key, number);
      }
    }
  }

  /** The line, counted from 1, on which the key with this dotted path first stands. */
  OptionalInt of(String path) {
    Integer line = lines.get(path);
    return line == null ? OptionalInt.empty() : OptionalInt.of(line);
  }

  /** Notes the key, and the tables that a dotted key makes on its way. */
  private void put(String path, int line) {
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      lines.putIfAbsent(path.substring(0, dot), line);
    }
    lines.putIfAbsent(path, line);
  }

  private static String plain(String dotted) {
    List<String> names = new ArrayList<>();
    Matcher name = ONE_NAME.matcher(dotted);
    while (name.find()) {
      String text = name.group();
      boolean quoted = text.startsWith("\"") || text.startsWith("'");
      names.add(quoted ? text.substring(1, text.length() - 1) : text);
    }
    return String.join(".", names);
  }
}
