package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A piece of a template that writes something. */
interface Node {
  void write(Scope scope, StringBuilder out) throws TemplateFailure;

  /** Text as it stands. */
  record Text(String text) implements Node {
    @Override
    public void write(Scope scope, StringBuilder out) {
      out.append(text);
    }
  }

  /** One piece after another. */
  record Sequence(List<Node> nodes) implements Node {
    @Override
    public void write(Scope scope, StringBuilder out) throws TemplateFailure {
      for (Node node : nodes) {
        node.write(scope, out);
      }
    }
  }

  /**
   * Prints a value, or gives it to a variable.
   *
   * @param variable or null
   */
  record Action(String variable, Expression expression) implements Node {
    @Override
    public void write(Scope scope, StringBuilder out) throws TemplateFailure {
      Value value = expression.evaluate(scope);
      if (variable == null) {
        out.append(value.printed());
      } else {
        scope.assign(variable, value);
      }
    }
  }

  /** {@code if} and {@code with}. */
  record Condition(boolean with, String variable, Expression expression, Node then, Node otherwise)
      implements Node {
    @Override
    public void write(Scope scope, StringBuilder out) throws TemplateFailure {
      Value value = expression.evaluate(scope);
      Scope inner = with && value.isTrue() ? scope.about(value) : scope.inner();
      if (variable != null) {
        inner.declare(variable, value);
      }
      (value.isTrue() ? then : otherwise).write(inner, out);
    }
  }

  /** {@code range}, over lists and over maps by their keys' order. */
  record Loop(List<String> variables, Expression expression, Node body, Node otherwise)
      implements Node {
    @Override
    public void write(Scope scope, StringBuilder out) throws TemplateFailure {
      Json all = expression.evaluate(scope).json();
      List<Json> keys = new ArrayList<>();
      List<Json> items = new ArrayList<>();
      if (all.isObject()) {
        for (Map.Entry<String, Json> each : new TreeMap<>(all.fields()).entrySet()) {
          keys.add(Json.of(each.getKey()));
          items.add(each.getValue());
        }
      } else if (all.isArray() || all.isNull()) {
        items.addAll(all.items());
        for (int i = 0; i < items.size(); i++) {
          keys.add(Json.of(i));
        }
      } else {
        throw new TemplateFailure(
            "template: :1: executing \"\": range can't iterate over " + all.text());
      }
      if (items.isEmpty()) {
        otherwise.write(scope, out);
      }
      for (int i = 0; i < items.size(); i++) {
        Value item = Value.of(items.get(i));
        Scope inner = scope.about(item);
        if (variables.size() == 2) {
          inner.declare(variables.get(0), Value.of(keys.get(i)));
        }
        if (!variables.isEmpty()) {
          inner.declare(variables.get(variables.size() - 1), item);
        }
        body.write(inner, out);
      }
    }
  }
}
