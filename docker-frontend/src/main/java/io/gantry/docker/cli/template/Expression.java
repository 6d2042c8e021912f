package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.ArrayList;
import java.util.List;

/** A piece of a template that has a value. */
interface Expression {
  Value evaluate(Scope scope) throws TemplateFailure;

  /** Text, number or truth as written. */
  record Constant(Json json) implements Expression {
    @Override
    public Value evaluate(Scope scope) {
      return Value.of(json);
    }
  }

  /** The dot, or a variable. */
  record Variable(String name) implements Expression {
    @Override
    public Value evaluate(Scope scope) throws TemplateFailure {
      return name.equals(".") ? scope.dot() : scope.variable(name);
    }
  }

  /**
   * A field of a value.
   *
   * @param words what follows it, if it takes words
   */
  record Field(Expression of, String name, String path, List<Expression> words)
      implements Expression {
    @Override
    public Value evaluate(Scope scope) throws TemplateFailure {
      List<Json> values = new ArrayList<>();
      for (Expression word : words) {
        values.add(word.evaluate(scope).json());
      }
      Value whole = of.evaluate(scope);
      if (whole.missing() != null) {
        return whole;
      }
      return whole.field(name, values, path);
    }
  }

  /** A function and what it works on. */
  record Call(String function, List<Expression> words) implements Expression {
    @Override
    public Value evaluate(Scope scope) throws TemplateFailure {
      if (function.equals("and") || function.equals("or")) {
        return chosen(scope);
      }
      List<Value> values = new ArrayList<>();
      for (Expression word : words) {
        values.add(word.evaluate(scope));
      }
      return Value.of(Functions.call(function, values));
    }

    /** Neither looks further than it must. */
    private Value chosen(Scope scope) throws TemplateFailure {
      Value last = Value.of(Json.NULL);
      for (Expression word : words) {
        last = word.evaluate(scope);
        if (last.isTrue() == function.equals("or")) {
          return last;
        }
      }
      return last;
    }
  }
}
