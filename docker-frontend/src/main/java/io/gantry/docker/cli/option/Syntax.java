package io.gantry.docker.cli.option;

import java.util.ArrayList;
import java.util.List;

/**
 * What a command takes.
 *
 * @param usage what follows the command's name: {@code [OPTIONS] CONTAINER}
 * @param summary what the command does, in a sentence
 * @param description more of it, for help; may be empty
 * @param minimum of words that are no flags
 * @param maximum of them; {@link #ANY} for no bound
 * @param interspersed false if everything behind the first word is another program's
 * @param options its flags, a line of help for each
 */
public record Syntax(
    String usage,
    String summary,
    String description,
    int minimum,
    int maximum,
    boolean interspersed,
    String options) {
  public static final int ANY = Integer.MAX_VALUE;

  public static Syntax of(String usage, String summary, int minimum, int maximum, String options) {
    return new Syntax(usage, summary, "", minimum, maximum, true, options);
  }

  /** The same, for a command whose last words are another program's. */
  public Syntax withCommand() {
    return new Syntax(usage, summary, description, minimum, maximum, false, options);
  }

  public Syntax describedBy(String text) {
    return new Syntax(usage, summary, text, minimum, maximum, interspersed, options);
  }

  public List<Flag> flags() {
    List<Flag> flags = new ArrayList<>();
    for (String line : options.split("\n")) {
      String text = line.strip();
      if (text.startsWith("-") || text.startsWith("!")) {
        flags.add(Flag.parse(text));
      }
    }
    return flags;
  }
}
