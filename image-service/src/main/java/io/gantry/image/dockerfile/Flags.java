package io.gantry.image.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The flags that stand between an instruction's keyword and its arguments.
 *
 * @param rest the text behind them
 */
record Flags(SourceFile file, List<Flag> flags, Text rest) {

  /**
   * @param value absent for one without {@code =}
   */
  record Flag(String name, Optional<Word> value, Place place) {}

  static Flags read(SourceFile file, char escape, Text text) throws DockerfileException {
    List<Flag> flags = new ArrayList<>();
    int at = Words.blanks(text, 0);
    while (at + 1 < text.length() && text.at(at) == '-' && text.at(at + 1) == '-') {
      Word word = first(file, escape, text.from(at));
      int end = at + word.raw().length();
      if (word.raw().equals("--")) {
        at = Words.blanks(text, end);
        break;
      }
      int equals = word.raw().indexOf('=');
      String name = word.raw().substring(2, equals < 0 ? word.raw().length() : equals);
      Optional<Word> value =
          equals < 0
              ? Optional.empty()
              : Optional.of(
                  new Word(word.raw().substring(equals + 1), text.place(at + equals + 1)));
      flags.add(new Flag(name, value, word.place()));
      at = Words.blanks(text, end);
    }
    return new Flags(file, flags, text.from(at));
  }

  private static Word first(SourceFile file, char escape, Text text) throws DockerfileException {
    List<Word> words = new Words(file, escape).tolerant(text);
    if (words.isEmpty()) {
      throw file.error(text.place(0), "a flag's quote does not end");
    }
    return words.get(0);
  }

  /** Refuses flags that an instruction does not have. */
  void check(String keyword, Set<String> known) throws DockerfileException {
    for (Flag flag : flags) {
      if (!known.contains(flag.name)) {
        throw file.error(
            flag.place,
            keyword
                + " has no flag --"
                + flag.name
                + (known.isEmpty() ? "" : "; it has --" + String.join(", --", sorted(known))));
      }
    }
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  /** A flag that can be given once, with a value. */
  Optional<Word> one(String name) throws DockerfileException {
    List<Word> all = all(name);
    if (all.size() > 1) {
      throw file.error(all.get(1).place(), "--" + name + " is given twice");
    }
    return all.stream().findFirst();
  }

  /** The values of a flag that can be given again and again. */
  List<Word> all(String name) throws DockerfileException {
    List<Word> values = new ArrayList<>();
    for (Flag flag : flags) {
      if (flag.name.equals(name)) {
        if (flag.value.isEmpty() || flag.value.get().raw().isEmpty()) {
          throw file.error(flag.place, "--" + name + " needs a value: --" + name + "=…");
        }
        values.add(flag.value.get());
      }
    }
    return values;
  }

  /** A switch, if it is given. */
  Optional<Boolean> bool(String name) throws DockerfileException {
    Optional<Boolean> value = Optional.empty();
    for (Flag flag : flags) {
      if (flag.name.equals(name)) {
        String word = flag.value.map(Word::raw).orElse("true");
        if (!Set.of("true", "false", "1", "0").contains(word)) {
          throw file.error(flag.place, "--" + name + " is true or false, not \"" + word + "\"");
        }
        value = Optional.of(word.equals("true") || word.equals("1"));
      }
    }
    return value;
  }
}
