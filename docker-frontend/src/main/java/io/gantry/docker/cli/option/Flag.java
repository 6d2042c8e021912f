package io.gantry.docker.cli.option;

import java.util.List;
import java.util.Optional;

/**
 * An option of a command.
 *
 * @param names without dashes; the first is the one that the command asks by
 * @param shorthand a letter
 * @param type the word that help shows for its value; empty if it has none
 * @param help what it is for
 * @param hidden not in help: an older name that still works
 */
public record Flag(
    List<String> names, Optional<Character> shorthand, String type, String help, boolean hidden) {
  public String name() {
    return names.get(0);
  }

  public boolean isSwitch() {
    return type.isEmpty();
  }

  /** As docker names it in messages. */
  public String shown() {
    return shorthand.map(letter -> "-" + letter + ", --" + name()).orElse("--" + name());
  }

  /**
   * Reads a line of help: {@code -e, --env list Sets a variable}. A line that begins with an
   * exclamation mark is not shown in help.
   */
  static Flag parse(String line) {
    String text = line.strip();
    boolean hidden = text.startsWith("!");
    text = hidden ? text.substring(1).strip() : text;
    int gap = text.indexOf("   ");
    String head = gap < 0 ? text : text.substring(0, gap);
    String help = gap < 0 ? "" : text.substring(gap).strip();
    Optional<Character> shorthand = Optional.empty();
    if (head.charAt(1) != '-') {
      shorthand = Optional.of(head.charAt(1));
      head = head.substring(head.indexOf("--"));
    }
    int space = head.lastIndexOf(' ');
    boolean typed = space > 0 && head.charAt(space + 1) != '-';
    String type = typed ? head.substring(space + 1) : "";
    String names = typed ? head.substring(0, space) : head;
    List<String> all = new java.util.ArrayList<>();
    for (String name : names.split(", ")) {
      all.add(name.substring(2));
    }
    return new Flag(all, shorthand, type, help, hidden);
  }

  /** The value as the type has it, or a message that says what is wrong with it. */
  Optional<String> complaint(String value) {
    return switch (type) {
      case "int", "uint16" ->
          value.matches("[+-]?\\d{1,19}") ? Optional.empty() : Optional.of("not a whole number");
      case "decimal" ->
          value.matches("\\d*\\.?\\d*") && value.matches(".*\\d.*")
              ? Optional.empty()
              : Optional.of("not a number such as 1.5");
      case "bytes" ->
          Amounts.bytes(value).isPresent()
              ? Optional.empty()
              : Optional.of("not a size such as 512m or 2g");
      case "duration" ->
          Amounts.nanoseconds(value).isPresent()
              ? Optional.empty()
              : Optional.of("not a duration such as 30s or 1m30s");
      default -> Optional.empty();
    };
  }
}
