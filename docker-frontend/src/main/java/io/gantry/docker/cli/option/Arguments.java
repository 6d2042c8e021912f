package io.gantry.docker.cli.option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What was given to a command. */
public final class Arguments {
  private final Map<String, List<String>> flags;
  private final List<String> words;

  private Arguments(Map<String, List<String>> flags, List<String> words) {
    this.flags = flags;
    this.words = words;
  }

  /**
   * Reads a command's words.
   *
   * @throws BadUsage if they are not what the command takes
   */
  public static Arguments parse(Syntax syntax, List<String> words) throws BadUsage {
    return new Parser(syntax).parse(words);
  }

  /** The words that are no flags. */
  public List<String> words() {
    return words;
  }

  public String word(int index) {
    return words.get(index);
  }

  public Optional<String> wordIfAny(int index) {
    return index < words.size() ? Optional.of(words.get(index)) : Optional.empty();
  }

  /** True if the flag was given at all. */
  public boolean has(String flag) {
    return flags.containsKey(flag);
  }

  /** Whether a switch is on. */
  public boolean on(String flag) {
    return on(flag, false);
  }

  public boolean on(String flag, boolean otherwise) {
    List<String> given = flags.get(flag);
    return given == null ? otherwise : given.get(given.size() - 1).equals("true");
  }

  /** The value given last. */
  public Optional<String> value(String flag) {
    List<String> given = flags.get(flag);
    return given == null ? Optional.empty() : Optional.of(given.get(given.size() - 1));
  }

  public String value(String flag, String otherwise) {
    return value(flag).orElse(otherwise);
  }

  /** All values given, in their order. */
  public List<String> values(String flag) {
    return flags.getOrDefault(flag, List.of());
  }

  /** A flag's value that is a whole number. */
  public OptionalLong number(String flag) {
    Optional<String> value = value(flag);
    return value.isPresent() ? OptionalLong.of(Long.parseLong(value.get())) : OptionalLong.empty();
  }

  /** A flag's value that is a size. */
  public OptionalLong bytes(String flag) {
    Optional<String> value = value(flag);
    return value.isPresent() ? Amounts.bytes(value.get()) : OptionalLong.empty();
  }

  /** A flag's value that is a duration. */
  public OptionalLong nanoseconds(String flag) {
    Optional<String> value = value(flag);
    return value.isPresent() ? Amounts.nanoseconds(value.get()) : OptionalLong.empty();
  }

  private static final class Parser {
    private final Syntax syntax;
    private final Map<String, Flag> byName = new LinkedHashMap<>();
    private final Map<String, List<String>> given = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();
    private List<String> input = List.of();
    private int next;

    Parser(Syntax syntax) {
      this.syntax = syntax;
      for (Flag flag : syntax.flags()) {
        for (String name : flag.names()) {
          byName.put("--" + name, flag);
        }
        flag.shorthand().ifPresent(letter -> byName.put("-" + letter, flag));
      }
    }

    Arguments parse(List<String> all) throws BadUsage {
      input = all;
      while (next < input.size()) {
        String word = input.get(next++);
        if (word.equals("--")) {
          words.addAll(input.subList(next, input.size()));
          break;
        } else if (word.startsWith("--")) {
          longFlag(word);
        } else if (word.startsWith("-") && word.length() > 1) {
          shortFlags(word);
        } else {
          words.add(word);
          if (!syntax.interspersed()) {
            words.addAll(input.subList(next, input.size()));
            break;
          }
        }
      }
      if (!given.containsKey("help")) {
        checkCount();
      }
      return new Arguments(given, words);
    }

    private void longFlag(String word) throws BadUsage {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      Flag flag = byName.get(name);
      if (flag == null && name.equals("--help")) {
        given.put("help", List.of("true"));
        return;
      }
      if (flag == null) {
        throw BadUsage.flag("unknown flag: " + name);
      }
      if (equals >= 0) {
        give(flag, word.substring(equals + 1));
      } else if (flag.isSwitch()) {
        give(flag, "true");
      } else if (next < input.size()) {
        give(flag, input.get(next++));
      } else {
        throw BadUsage.flag("flag needs an argument: " + name);
      }
    }

    private void shortFlags(String word) throws BadUsage {
      for (int i = 1; i < word.length(); i++) {
        Flag flag = byName.get("-" + word.charAt(i));
        if (flag == null && word.equals("-h")) {
          given.put("help", List.of("true"));
          return;
        }
        if (flag == null) {
          throw BadUsage.flag("unknown shorthand flag: '" + word.charAt(i) + "' in " + word);
        }
        String rest = word.substring(i + 1);
        if (flag.isSwitch() && rest.startsWith("=")) {
          give(flag, rest.substring(1));
          return;
        } else if (flag.isSwitch()) {
          give(flag, "true");
        } else if (!rest.isEmpty()) {
          give(flag, rest.startsWith("=") ? rest.substring(1) : rest);
          return;
        } else if (next < input.size()) {
          give(flag, input.get(next++));
        } else {
          throw BadUsage.flag("flag needs an argument: '" + word.charAt(i) + "' in " + word);
        }
      }
    }

    private void give(Flag flag, String value) throws BadUsage {
      String kept = flag.isSwitch() ? truth(flag, value) : value;
      Optional<String> complaint = flag.isSwitch() ? Optional.empty() : flag.complaint(value);
      if (complaint.isPresent()) {
        throw invalid(flag, value, complaint.get());
      }
      List<String> values = given.computeIfAbsent(flag.name(), name -> new ArrayList<>());
      if (flag.type().equals("strings")) {
        values.addAll(List.of(kept.split(",")));
      } else {
        values.add(kept);
      }
    }

    private static String truth(Flag flag, String value) throws BadUsage {
      return switch (value) {
        case "1", "t", "T", "true", "TRUE", "True" -> "true";
        case "0", "f", "F", "false", "FALSE", "False" -> "false";
        default -> throw invalid(flag, value, "neither true nor false");
      };
    }

    private static BadUsage invalid(Flag flag, String value, String why) {
      return BadUsage.flag(
          "invalid argument \"" + value + "\" for \"" + flag.shown() + "\" flag: " + why);
    }

    private void checkCount() throws BadUsage {
      int count = words.size();
      if (count >= syntax.minimum() && count <= syntax.maximum()) {
        return;
      }
      String need;
      if (syntax.maximum() == 0) {
        need = "accepts no arguments";
      } else if (syntax.minimum() == syntax.maximum()) {
        need = "requires " + counted(syntax.minimum());
      } else if (count < syntax.minimum()) {
        need = "requires at least " + counted(syntax.minimum());
      } else {
        need = "requires at most " + counted(syntax.maximum());
      }
      throw BadUsage.words(need);
    }

    private static String counted(int number) {
      return number + (number == 1 ? " argument" : " arguments");
    }
  }
}
