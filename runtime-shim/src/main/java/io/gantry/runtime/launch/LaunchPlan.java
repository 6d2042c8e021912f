package io.gantry.runtime.launch;

import java.util.List;

/**
 * What a child does between clone and execve: system calls in order, ending with the execution of a
 * program. Pure data; the descriptors it names by number must be open when it is launched.
 *
 * <p>If a step fails with an errno it does not ignore, the launch fails with that step's name.
 * Several executions at the end are tried in turn, as a search along PATH; if all fail, EACCES of
 * one outweighs ENOENT of the others, as in execvp(3).
 *
 * @param steps the calls, the last of them an execution
 */
public record LaunchPlan(List<Step> steps) {
  public LaunchPlan {
    steps = List.copyOf(steps);
    if (steps.isEmpty()
        || !steps.get(steps.size() - 1).isExecute()
        || !steps.get(steps.size() - 1).ignored().isEmpty()) {
      // The child would run off the end of its plan.
      throw new IllegalArgumentException(
          "a launch plan ends with the execution of a program, whose failure counts");
    }
    for (int i = 0; i < steps.size(); i++) {
      for (Argument argument : steps.get(i).arguments()) {
        if (argument instanceof Argument.Result result && result.step() >= i) {
          throw new IllegalArgumentException(
              steps.get(i).name() + ": uses the result of a later step");
        }
      }
    }
  }

  /** An empty plan to add steps to. */
  public static LaunchPlanBuilder builder() {
    return new LaunchPlanBuilder();
  }

  /** One step per line as strace would print them, each with its name behind. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      out.append('$').append(i).append(" = ").append(steps.get(i)).append('\n');
    }
    return out.toString();
  }
}
