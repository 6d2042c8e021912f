package io.gantry.docker.cli.template;

import java.util.ArrayList;
import java.util.List;

/** Splits a template into its text and the words of its actions. */
final class Lexer {
  private final String text;
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  /**
   * A part of a template.
   *
   * @param literal text to print, or null
   * @param words of an action, or null
   */
  record Part(String literal, List<String> words) {}

  static List<Part> split(String text) throws TemplateFailure {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    boolean trim = false;
    while (true) {
      int open = text.indexOf("{{", at);
      String literal = text.substring(at, open < 0 ? text.length() : open);
      if (trim) {
        literal = literal.stripLeading();
      }
      if (open < 0) {
        addLiteral(parts, literal);
        return parts;
      }
      int begin = open + 2;
      if (text.startsWith("- ", begin)) {
        literal = literal.stripTrailing();
        begin += 2;
      }
      addLiteral(parts, literal);
      Lexer lexer = new Lexer(text);
      lexer.at = begin;
      if (text.startsWith("/*", begin)) {
        lexer.skipComment();
      } else {
        parts.add(new Part(null, lexer.words()));
      }
      trim = text.startsWith(" -}}", lexer.at - 4) && lexer.at >= 4;
      at = lexer.at;
    }
  }

  private static void addLiteral(List<Part> parts, String literal) {
    if (!literal.isEmpty()) {
      parts.add(new Part(literal, null));
    }
  }

  private void skipComment() throws TemplateFailure {
    int end = text.indexOf("*/", at);
    int close = end < 0 ? -1 : text.indexOf("}}", end);
    if (close < 0) {
      throw failure("unclosed comment");
    }
    at = close + 2;
  }

  /** Up to the closing braces and past them. */
  private List<String> words() throws TemplateFailure {
    List<String> words = new ArrayList<>();
    boolean spaced = false;
    while (true) {
      if (at >= text.length()) {
        throw failure("unclosed action");
      }
      char c = text.charAt(at);
      if (text.startsWith("}}", at)) {
        at += 2;
        return words;
      } else if (spaced && text.startsWith("-}}", at)) {
        at += 3;
        return words;
      } else if (Character.isWhitespace(c)) {
        at++;
        spaced = true;
        continue;
      } else if (c == '"') {
        words.add(quoted());
      } else if (c == '`') {
        int end = text.indexOf('`', at + 1);
        if (end < 0) {
          throw failure("unterminated raw quoted string");
        }
        words.add("\"" + text.substring(at + 1, end));
        at = end + 1;
      } else if (c == '(' || c == ')' || c == '|' || c == ',') {
        // A parenthesis or field right behind belongs to what is before it: (index .A 0).B
        words.add(String.valueOf(c));
        at++;
        if (c == ')' && at < text.length() && text.charAt(at) == '.') {
          words.add("&" + plain());
        }
      } else if (text.startsWith(":=", at)) {
        words.add(":=");
        at += 2;
      } else if (c == '=') {
        words.add("=");
        at++;
      } else {
        words.add(plain());
      }
      spaced = false;
    }
  }

  private String plain() throws TemplateFailure {
    int begin = at;
    while (at < text.length() && !isEnd(text.charAt(at)) && !text.startsWith("}}", at)) {
      at++;
    }
    if (begin == at) {
      throw failure("unexpected \"" + text.charAt(at) + "\" in operand");
    }
    return text.substring(begin, at);
  }

  private static boolean isEnd(char c) {
    return Character.isWhitespace(c) || "()|,\"`=:".indexOf(c) >= 0;
  }

  /** A quoted word is kept with its opening quote, which tells it from names. */
  private String quoted() throws TemplateFailure {
    StringBuilder word = new StringBuilder("\"");
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return word.toString();
      } else if (c == '\\' && at + 1 < text.length()) {
        at++;
        word.append(escaped(text.charAt(at)));
      } else {
        word.append(c);
      }
    }
    throw failure("unterminated quoted string");
  }

  private static char escaped(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      default -> c;
    };
  }

  private TemplateFailure failure(String what) {
    return new TemplateFailure("template parsing error: template: :1: " + what);
  }
}
