package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.ArrayList;
import java.util.List;

/** Makes a tree of a template's parts. */
final class Parser {
  private final List<Lexer.Part> parts;
  private int at;

  Parser(List<Lexer.Part> parts) {
    this.parts = parts;
  }

  Node parse() throws TemplateFailure {
    Node root = sequence();
    if (at < parts.size()) {
      throw failure("unexpected {{" + parts.get(at).words().get(0) + "}}");
    }
    return root;
  }

  /** Up to an end or else, which is left to the caller. */
  private Node sequence() throws TemplateFailure {
    List<Node> nodes = new ArrayList<>();
    while (at < parts.size()) {
      Lexer.Part part = parts.get(at);
      if (part.literal() != null) {
        nodes.add(new Node.Text(part.literal()));
        at++;
        continue;
      }
      List<String> words = part.words();
      if (words.isEmpty()) {
        throw failure("missing value for command");
      }
      switch (words.get(0)) {
        case "end", "else" -> {
          return new Node.Sequence(nodes);
        }
        case "if", "with" -> nodes.add(condition(words));
        case "range" -> nodes.add(loop(words));
        case "define", "template", "block", "break", "continue" ->
            throw failure("{{" + words.get(0) + "}} is not supported by gantry");
        default -> {
          at++;
          nodes.add(action(words));
        }
      }
    }
    return new Node.Sequence(nodes);
  }

  private Node action(List<String> words) throws TemplateFailure {
    String variable = variable(words);
    return new Node.Action(variable, pipeline(words, variable == null ? 0 : 2));
  }

  private static String variable(List<String> words) {
    boolean assigns =
        words.size() > 2
            && words.get(0).startsWith("$")
            && (words.get(1).equals(":=") || words.get(1).equals("="));
    return assigns ? words.get(0) : null;
  }

  private Node condition(List<String> words) throws TemplateFailure {
    boolean with = words.get(0).equals("with");
    List<String> rest = words.subList(1, words.size());
    String variable = variable(rest);
    Expression expression = pipeline(rest, variable == null ? 0 : 2);
    at++;
    Node then = sequence();
    Node otherwise = otherwise();
    return new Node.Condition(with, variable, expression, then, otherwise);
  }

  private Node loop(List<String> words) throws TemplateFailure {
    List<String> rest = words.subList(1, words.size());
    List<String> variables = new ArrayList<>();
    int begin = rest.indexOf(":=") + 1;
    for (int i = 0; i < begin - 1; i++) {
      if (rest.get(i).startsWith("$")) {
        variables.add(rest.get(i));
      }
    }
    Expression expression = pipeline(rest, begin);
    at++;
    Node body = sequence();
    Node otherwise = otherwise();
    return new Node.Loop(variables, expression, body, otherwise);
  }

  /** What is behind else, through the end. */
  private Node otherwise() throws TemplateFailure {
    List<String> words = expectClause();
    if (words.get(0).equals("end")) {
      at++;
      return new Node.Sequence(List.of());
    }
    if (words.size() > 1) { // {{else if …}} shares the end of the first
      List<String> inner = words.subList(1, words.size());
      return inner.get(0).equals("range") ? loop(inner) : condition(inner);
    }
    at++;
    Node otherwise = sequence();
    if (!expectClause().get(0).equals("end")) {
      throw failure("expected end; found {{else}}");
    }
    at++;
    return otherwise;
  }

  private List<String> expectClause() throws TemplateFailure {
    if (at >= parts.size()) {
      throw failure("unexpected EOF");
    }
    return parts.get(at).words();
  }

  private Expression pipeline(List<String> words, int begin) throws TemplateFailure {
    return new Pipeline(words, begin).whole();
  }

  static TemplateFailure failure(String what) {
    return new TemplateFailure("template parsing error: template: :1: " + what);
  }

  /** Reads the words of one action. */
  private static final class Pipeline {
    private final List<String> words;
    private int at;

    Pipeline(List<String> words, int begin) {
      this.words = words;
      this.at = begin;
    }

    Expression whole() throws TemplateFailure {
      Expression expression = pipes();
      if (at < words.size()) {
        throw failure("unexpected \"" + words.get(at) + "\" in operand");
      }
      return expression;
    }

    private Expression pipes() throws TemplateFailure {
      Expression expression = command(null);
      while (at < words.size() && words.get(at).equals("|")) {
        at++;
        expression = command(expression);
      }
      return expression;
    }

    /** A function with its words, the piped value last; or a single value. */
    private Expression command(Expression piped) throws TemplateFailure {
      if (at >= words.size()) {
        throw failure("missing value for command");
      }
      String word = words.get(at);
      if (Functions.NAMES.contains(word)) {
        at++;
        List<Expression> operands = operands();
        if (piped != null) {
          operands.add(piped);
        }
        return new Expression.Call(word, operands);
      }
      Expression first = operand();
      List<Expression> rest = operands();
      if (piped != null) {
        rest.add(piped);
      }
      if (rest.isEmpty()) {
        return first;
      }
      if (first instanceof Expression.Field field) {
        return new Expression.Field(field.of(), field.name(), field.path(), rest);
      }
      throw failure("can't give argument to non-function " + word);
    }

    private List<Expression> operands() throws TemplateFailure {
      List<Expression> operands = new ArrayList<>();
      while (at < words.size() && !words.get(at).equals("|") && !words.get(at).equals(")")) {
        operands.add(operand());
      }
      return operands;
    }

    private Expression operand() throws TemplateFailure {
      String word = words.get(at++);
      if (word.equals("(")) {
        Expression inner = pipes();
        if (at >= words.size() || !words.get(at).equals(")")) {
          throw failure("unclosed left paren");
        }
        at++;
        if (at < words.size() && words.get(at).startsWith("&")) {
          return fields(inner, words.get(at++).substring(1), "(…)");
        }
        return inner;
      }
      if (word.startsWith("\"")) {
        return new Expression.Constant(Json.of(word.substring(1)));
      }
      if (word.equals(".")) {
        return new Expression.Variable(".");
      }
      if (word.startsWith(".")) {
        return fields(new Expression.Variable("."), word, "");
      }
      if (word.startsWith("$")) {
        int dot = word.indexOf('.');
        String name = dot < 0 ? word : word.substring(0, dot);
        Expression variable = new Expression.Variable(name);
        return dot < 0 ? variable : fields(variable, word.substring(dot), name);
      }
      return switch (word) {
        case "true" -> new Expression.Constant(Json.TRUE);
        case "false" -> new Expression.Constant(Json.FALSE);
        case "nil" -> new Expression.Constant(Json.NULL);
        default -> constant(word);
      };
    }

    private static Expression constant(String word) throws TemplateFailure {
      if (Functions.NAMES.contains(word)) {
        return new Expression.Call(word, List.of());
      }
      if (!word.matches("[+-]?\\d+(\\.\\d+)?")) {
        throw failure("function \"" + word + "\" not defined");
      }
      return new Expression.Constant(Json.number(word));
    }

    private static Expression fields(Expression of, String chain, String before)
        throws TemplateFailure {
      Expression expression = of;
      StringBuilder path = new StringBuilder(before);
      for (String name : chain.substring(1).split("\\.", -1)) {
        if (name.isEmpty()) {
          throw failure("unexpected . after term \"" + path + "\"");
        }
        path.append('.').append(name);
        expression = new Expression.Field(expression, name, path.toString(), List.of());
      }
      return expression;
    }
  }
}
