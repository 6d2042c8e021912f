package io.gantry.image.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Replaces variables and takes away quotes and escapes, as Docker's reference of Dockerfiles
 * describes under "Environment replacement". Confined to one thread.
 */
public final class Expansion {
  private static final int DEPTH_LIMIT = 32;
  private static final int LENGTH_LIMIT = 1 << 20;
  private static final int PATTERN_LIMIT = 4096;

  private final SourceFile file;
  private final char escape;
  private final Variables variables;

  public Expansion(Instruction.Origin origin, Variables variables) {
    this.file = origin.file();
    this.escape = origin.escape();
    this.variables = variables;
  }

  /** The word's value. */
  public String of(Word word) throws DockerfileException {
    return new Reading(word.raw(), word.place(), true).all();
  }

  /** The values of words; each is one, whatever blanks its variables bring. */
  public List<String> of(List<Word> words) throws DockerfileException {
    List<String> values = new ArrayList<>();
    for (Word word : words) {
      values.add(of(word));
    }
    return values;
  }

  /** The values of words; those that variables brought are taken apart at blanks. */
  public List<String> split(List<Word> words) throws DockerfileException {
    List<String> values = new ArrayList<>();
    for (Word word : words) {
      for (String value : of(word).trim().split("\\s+")) {
        if (!value.isEmpty()) {
          values.add(value);
        }
      }
    }
    return values;
  }

  /** A document's text with its variables replaced; quotes are nothing special in it. */
  public String document(Heredoc document) throws DockerfileException {
    return document.expand()
        ? new Reading(document.content(), document.place(), false).all()
        : document.content();
  }

  /** One pass over a text. */
  private final class Reading {
    private final String text;
    private final Place place;
    private final boolean quotes;
    private int at;

    Reading(String text, Place place, boolean quotes) {
      this.text = text;
      this.place = place;
      this.quotes = quotes;
    }

    String all() throws DockerfileException {
      StringBuilder value = new StringBuilder();
      until((char) 0, value, 0);
      return value.toString();
    }

    private DockerfileException error(int where, String words) {
      return file.error(place.plus(quotes ? where : 0), words);
    }

    /** Reads up to a character outside quotes, or to the end for 0. */
    private void until(char stop, StringBuilder value, int depth) throws DockerfileException {
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == stop && stop != 0) {
          return;
        }
        if (quotes && c == '\'') {
          singleQuoted(value);
        } else if (quotes && c == '"') {
          doubleQuoted(value, depth);
        } else if (c == escape) {
          escaped(value);
        } else if (c == '$') {
          value.append(variable(depth));
        } else {
          value.append(c);
          at++;
        }
        if (value.length() > LENGTH_LIMIT) {
          throw error(0, "the value is longer than " + LENGTH_LIMIT + " characters");
        }
      }
      if (stop != 0) {
        throw error(at, "the substitution has no end: '}' is missing");
      }
    }

    /** Outside quotes the next character is itself; in documents only what means something is. */
    private void escaped(StringBuilder value) {
      at++;
      if (at == text.length()) {
        value.append(quotes ? "" : String.valueOf(escape));
        return;
      }
      char next = text.charAt(at++);
      if (!quotes && next != '$' && next != escape) {
        value.append(escape);
      }
      value.append(next);
    }

    private void singleQuoted(StringBuilder value) throws DockerfileException {
      int end = text.indexOf('\'', at + 1);
      if (end < 0) {
        throw error(at, "the quote that begins here does not end");
      }
      value.append(text, at + 1, end);
      at = end + 1;
    }

    private void doubleQuoted(StringBuilder value, int depth) throws DockerfileException {
      int begin = at++;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return;
        }
        if (c == '$') {
          value.append(variable(depth));
        } else if (c == escape && at + 1 < text.length()) {
          char next = text.charAt(at + 1);
          if (next != '"' && next != '$' && next != escape) {
            value.append(c);
          }
          value.append(next);
          at += 2;
        } else {
          value.append(c);
          at++;
        }
      }
      throw error(begin, "the quote that begins here does not end");
    }

    private String variable(int depth) throws DockerfileException {
      int begin = at++;
      if (at < text.length() && text.charAt(at) == '{') {
        if (depth >= DEPTH_LIMIT) {
          throw error(begin, "substitutions are nested more than " + DEPTH_LIMIT + " deep");
        }
        at++;
        return braced(begin, depth + 1);
      }
      String name = name();
      return name.isEmpty() ? "$" : variables.get(name).orElse("");
    }

    /** A name, a number, or one of the shell's special parameters. */
    private String name() {
      int begin = at;
      if (at < text.length() && "@*#?-!".indexOf(text.charAt(at)) >= 0) {
        at++;
      } else if (at < text.length() && isDigit(text.charAt(at))) {
        while (at < text.length() && isDigit(text.charAt(at))) {
          at++;
        }
      } else {
        while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
          at++;
        }
      }
      return text.substring(begin, at);
    }

    private String braced(int begin, int depth) throws DockerfileException {
      String name = name();
      if (name.isEmpty()) {
        throw error(begin, "a variable's name is missing after \"${\"");
      }
      if (at == text.length()) {
        throw error(begin, "the substitution has no end: '}' is missing");
      }
      Optional<String> known = variables.get(name);
      int modifierAt = at;
      char modifier = text.charAt(at++);
      if (modifier == '}') {
        return known.orElse("");
      }
      boolean emptyCounts = modifier == ':';
      if (emptyCounts) {
        if (at == text.length()) {
          throw error(begin, "the substitution has no end: '}' is missing");
        }
        modifier = text.charAt(at++);
      }
      boolean set = known.isPresent() && !(emptyCounts && known.get().isEmpty());
      switch (modifier) {
        case '-', '+', '?' -> {
          String word = word(depth);
          return choose(modifier, name, known.orElse(""), set, word, begin);
        }
        case '#', '%', '/' -> {
          if (emptyCounts) {
            throw error(modifierAt, "the modifier \":" + modifier + "\" is not known");
          }
          return changed(modifier, known.orElse(""), depth, begin);
        }
        default ->
            throw error(
                modifierAt,
                "the modifier \"" + (emptyCounts ? ":" : "") + modifier + "\" is not known");
      }
    }

    private String choose(
        char modifier, String name, String value, boolean set, String word, int begin)
        throws DockerfileException {
      return switch (modifier) {
        case '-' -> set ? value : word;
        case '+' -> set ? word : "";
        default -> {
          if (!set) {
            throw error(begin, name + ": " + (word.isEmpty() ? "it is not set" : word));
          }
          yield value;
        }
      };
    }

    private String changed(char modifier, String value, int depth, int begin)
        throws DockerfileException {
      if (value.length() > PATTERN_LIMIT) {
        throw error(begin, "patterns are for values of at most " + PATTERN_LIMIT + " characters");
      }
      boolean twice = at < text.length() && text.charAt(at) == modifier;
      if (twice) {
        at++;
      }
      if (modifier != '/') {
        GlobText pattern = pattern('}', depth);
        at++;
        return modifier == '#'
            ? pattern.withoutPrefix(value, twice)
            : pattern.withoutSuffix(value, twice);
      }
      GlobText pattern = pattern('/', depth);
      if (at == text.length()) {
        throw error(begin, "the substitution has no end: '}' is missing");
      }
      boolean withReplacement = text.charAt(at) == '/';
      at++;
      String replacement = withReplacement ? word(depth) : "";
      return pattern.replaced(value, replacement, twice);
    }

    /** What stands before the closing brace, which is passed. */
    private String word(int depth) throws DockerfileException {
      StringBuilder word = new StringBuilder();
      until('}', word, depth);
      at++;
      return word.toString();
    }

    /** A pattern: escapes stay in it, variables are replaced. */
    private GlobText pattern(char stop, int depth) throws DockerfileException {
      GlobText.Builder pattern = new GlobText.Builder();
      while (at < text.length() && text.charAt(at) != stop && text.charAt(at) != '}') {
        char c = text.charAt(at);
        if (c == escape && at + 1 < text.length()) {
          pattern.literal(text.charAt(at + 1));
          at += 2;
        } else if (c == '$') {
          variable(depth).chars().forEach(one -> pattern.special((char) one));
        } else {
          pattern.special(c);
          at++;
        }
      }
      if (at == text.length()) {
        throw error(at, "the substitution has no end: '}' is missing");
      }
      return pattern.build();
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
  }
}
