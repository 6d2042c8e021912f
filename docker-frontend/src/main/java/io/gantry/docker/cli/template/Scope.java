package io.gantry.docker.cli.template;

import java.util.HashMap;
import java.util.Map;

/** What the dot means at a place in a template, and which variables there are. */
final class Scope {
  private final Value dot;
  private final Scope outer;
  private final Map<String, Value> variables = new HashMap<>();

  Scope(Fields fields) {
    this(Value.of(fields), null);
    variables.put("$", dot);
  }

  private Scope(Value dot, Scope outer) {
    this.dot = dot;
    this.outer = outer;
  }

  Value dot() {
    return dot;
  }

  Scope about(Value value) {
    return new Scope(value, this);
  }

  Scope inner() {
    return new Scope(dot, this);
  }

  void declare(String name, Value value) {
    variables.put(name, value);
  }

  /** Changes a variable where it was declared; declares it here if it was nowhere. */
  void assign(String name, Value value) {
    for (Scope each = this; each != null; each = each.outer) {
      if (each.variables.containsKey(name)) {
        each.variables.put(name, value);
        return;
      }
    }
    declare(name, value);
  }

  Value variable(String name) throws TemplateFailure {
    for (Scope each = this; each != null; each = each.outer) {
      Value value = each.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    throw new TemplateFailure("template: :1: undefined variable \"" + name + "\"");
  }
}
