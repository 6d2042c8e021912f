package io.gantry.runtime.seccomp;

import java.util.List;

/**
 * What is answered to one system call: the action of the first rule whose conditions all hold, else
 * the fallback.
 *
 * @param rules rules with conditions, in the profile's order
 */
record Decision(List<Rule> rules, int fallback) {

  /**
   * Rules are equal only if they are the same: those of two calls that one profile's rule names
   * are.
   */
  static final class Rule {
    private final List<Condition> conditions;
    private final int action;

    Rule(List<Condition> conditions, int action) {
      this.conditions = List.copyOf(conditions);
      this.action = action;
    }
  }

  // By hand: a record's own methods are made at run time, which costs a starting process some 20
  // ms.
  @Override
  public boolean equals(Object other) {
    return other instanceof Decision decision
        && fallback == decision.fallback
        && (rules == decision.rules || rules.equals(decision.rules));
  }

  @Override
  public int hashCode() {
    return 31 * rules.size() + fallback;
  }

  static Decision always(int action) {
    return new Decision(List.of(), action);
  }

  /** Adds its code and returns where that begins. */
  int emit(Bpf bpf, boolean wide) {
    int place = bpf.returning(fallback);
    for (int i = rules.size() - 1; i >= 0; i--) {
      Rule rule = rules.get(i);
      int otherwise = place;
      int then = bpf.returning(rule.action);
      for (int j = rule.conditions.size() - 1; j >= 0; j--) {
        then = rule.conditions.get(j).emit(bpf, wide, then, otherwise);
      }
      place = then;
    }
    return place;
  }
}
