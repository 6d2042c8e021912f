package io.gantry.image.build;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a .dockerignore leaves out of a build's context. */
final class IgnoreRules {

  private record Rule(PathPattern pattern, boolean keeps) {}

  private final List<Rule> rules;
  private final boolean exceptions;

  private IgnoreRules(List<Rule> rules) {
    this.rules = rules;
    this.exceptions = rules.stream().anyMatch(Rule::keeps);
  }

  /**
   * Reads such a file.
   *
   * @param name for messages
   */
  static IgnoreRules parse(String name, byte[] content) throws BuildException {
    String text = new String(content, StandardCharsets.UTF_8);
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    List<Rule> rules = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n")) {
      number++;
      String pattern = line.trim();
      if (line.startsWith("#") || pattern.isEmpty()) {
        continue;
      }
      boolean keeps = pattern.startsWith("!");
      pattern = keeps ? pattern.substring(1).trim() : pattern;
      if (keeps && pattern.isEmpty()) {
        throw new BuildException(name + ":" + number + ": '!' without a pattern");
      }
      String clean = ByteNames.clean(ByteNames.of(pattern));
      if (!clean.isEmpty()) {
        rules.add(new Rule(pattern(name, number, clean), keeps));
      }
    }
    return new IgnoreRules(rules);
  }

  private static PathPattern pattern(String name, int number, String text) throws BuildException {
    try {
      return PathPattern.of(text);
    } catch (IllegalArgumentException e) {
      throw new BuildException(name + ":" + number + ": " + e.getMessage());
    }
  }

  /** Rules that are given one by one, none of them an exception. */
  static IgnoreRules of(List<String> patterns) {
    List<Rule> rules = new ArrayList<>();
    for (String pattern : patterns) {
      rules.add(new Rule(PathPattern.of(ByteNames.clean(ByteNames.of(pattern))), false));
    }
    return new IgnoreRules(rules);
  }

  boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether something below a directory that is left out may be kept nevertheless. */
  boolean hasExceptions() {
    return exceptions;
  }

  /**
   * Whether a path is left out, by itself or with a directory that it is in: the last rule says.
   */
  boolean leavesOut(String path) {
    boolean out = false;
    for (Rule rule : rules) {
      if (out == rule.keeps && matchesOrParent(rule.pattern, path)) {
        out = !rule.keeps;
      }
    }
    return out;
  }

  private static boolean matchesOrParent(PathPattern pattern, String path) {
    if (pattern.matches(path)) {
      return true;
    }
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (pattern.matches(path.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }
}
