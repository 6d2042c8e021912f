package io.gantry.docker.cli.build;

import io.gantry.docker.cli.archive.FileTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A .dockerignore: patterns of what is left out of a context, with exceptions behind exclamation
 * marks. The last one that matches a path, or a directory above it, decides.
 */
public final class IgnoreFile implements FileTree.Wanted {
  private final List<Rule> rules;
  private final boolean hasExceptions;
  private final Set<String> always;

  private record Rule(Pattern pattern, boolean exception) {}

  private IgnoreFile(List<Rule> rules, Set<String> always) {
    this.rules = rules;
    this.hasExceptions = rules.stream().anyMatch(Rule::exception);
    this.always = always;
  }

  /**
   * @param always paths that are sent whatever the rules say: the engine needs them
   */
  static IgnoreFile parse(String text, Set<String> always) {
    List<Rule> rules = new ArrayList<>();
    for (String line : text.split("\r?\n")) {
      String pattern = line.startsWith("#") ? "" : line.strip();
      boolean exception = pattern.startsWith("!");
      pattern = clean(exception ? pattern.substring(1).strip() : pattern);
      if (!pattern.isEmpty()) {
        rules.add(new Rule(Pattern.compile(expression(pattern)), exception));
      }
    }
    return new IgnoreFile(rules, always);
  }

  /** Without what means nothing in a path: {@code ./a//b/../c/} is a/c. */
  private static String clean(String pattern) {
    List<String> names = new ArrayList<>();
    for (String name : pattern.split("/")) {
      if (name.equals("..") && !names.isEmpty()) {
        names.remove(names.size() - 1);
      } else if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
        names.add(name);
      }
    }
    return String.join("/", names);
  }

  /** Two stars stand for any number of directories; the rest is as in Go's filepath.Match. */
  private static String expression(String pattern) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      switch (c) {
        case '*' -> {
          if (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
            if (at < pattern.length() && pattern.charAt(at) == '/') {
              at++;
              out.append("(.*/)?");
            } else {
              out.append(".*");
            }
          } else {
            out.append("[^/]*");
          }
        }
        case '?' -> out.append("[^/]");
        case '[' -> {
          int end = pattern.indexOf(']', at);
          if (end < 0) {
            out.append("\\[");
          } else {
            out.append('[').append(pattern.substring(at, end).replace("\\", "\\\\")).append(']');
            at = end + 1;
          }
        }
        case '\\' -> {
          if (at < pattern.length()) {
            out.append(Pattern.quote(pattern.substring(at, at + 1)));
            at++;
          }
        }
        default -> out.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return out.toString();
  }

  @Override
  public boolean entry(String path) {
    if (always.contains(path)) {
      return true;
    }
    boolean ignored = false;
    for (Rule rule : rules) {
      if (ignored == rule.exception() && matches(rule.pattern(), path)) {
        ignored = !rule.exception();
      }
    }
    return !ignored;
  }

  private static boolean matches(Pattern pattern, String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (pattern.matcher(path.substring(0, end)).matches()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean below(String path) {
    return hasExceptions || always.stream().anyMatch(each -> each.startsWith(path + "/"));
  }
}
