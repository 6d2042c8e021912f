package io.gantry.runtime.seccomp;

import java.util.List;

/**
 * What is answered to one system call: the action of the first rule whose conditions all hold, else
 * the fallback.
 *
 * @param rules rules with conditions, in the profile's order
 */
record Decision(List<Rule> rules, int fallback) {

  record Rule(List<Condition> conditions, int action) {}

  static Decision always(int action) {
    return new Decision(List.of(), action);
  }

  /** Adds its code and returns where that begins. */
  int emit(Bpf bpf, boolean wide) {
    int place = bpf.returning(fallback);
    for (int i = rules.size() - 1; i >= 0; i--) {
      Rule rule = rules.get(i);
      int otherwise = place;
      int then = bpf.returning(rule.action());
      for (int j = rule.conditions().size() - 1; j >= 0; j--) {
        then = rule.conditions().get(j).emit(bpf, wide, then, otherwise);
      }
      place = then;
    }
    return place;
  }
}
