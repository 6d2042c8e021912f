package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Syscall;
import java.util.List;

/**
 * One system call of a launch.
 *
 * @param name what it is for, in words that an error message can hold: {@code mount proc at /proc}
 * @param call the system call
 * @param arguments at most six; missing ones are 0
 * @param ignored errnos after which the launch goes on, at most four
 */
public record Step(String name, Syscall call, List<Argument> arguments, List<Integer> ignored) {
  static final int MAX_ARGUMENTS = 6;
  static final int MAX_IGNORED = 4;

  public Step {
    arguments = List.copyOf(arguments);
    ignored = List.copyOf(ignored);
    if (arguments.size() > MAX_ARGUMENTS || ignored.size() > MAX_IGNORED) {
      throw new IllegalArgumentException(name + ": too many arguments or ignored errnos");
    }
    for (int errno : ignored) {
      if (errno <= 0 || errno > 4095) {
        throw new IllegalArgumentException(name + ": errno " + errno);
      }
    }
  }

  /** Whether this step, if it succeeds, ends the plan. */
  boolean isExecute() {
    return call == Syscall.EXECVE || call == Syscall.EXECVEAT;
  }

  /** The step as strace would print it, with its name behind. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(call.callName()).append('(');
    for (int i = 0; i < arguments.size(); i++) {
      out.append(i == 0 ? "" : ", ").append(arguments.get(i).shown());
    }
    out.append(")  # ").append(name);
    for (int i = 0; i < ignored.size(); i++) {
      out.append(i == 0 ? ", ignoring " : " ").append(Errno.name(ignored.get(i)));
    }
    return out.toString();
  }
}
