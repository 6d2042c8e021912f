package io.gantry.runtime.seccomp;

import io.gantry.runtime.linux.Errno;
import java.util.OptionalInt;

/** What a filter answers: a SECCOMP_RET_ value (seccomp(2)), read from the names in profiles. */
final class Action {
  static final int KILL_PROCESS = 0x80000000;
  static final int KILL_THREAD = 0;
  static final int TRAP = 0x00030000;
  static final int ERRNO = 0x00050000;
  static final int TRACE = 0x7ff00000;
  static final int LOG = 0x7ffc0000;
  static final int ALLOW = 0x7fff0000;

  static final int NO_SUCH_CALL = ERRNO | Errno.ENOSYS;

  private static final int MAX_ERRNO = 4095;

  private Action() {}

  /**
   * The value for a profile's action, with EPERM where an action takes a number and the profile
   * gives none.
   */
  static int of(String name, OptionalInt errnoRet) throws SeccompException {
    int number = errnoRet.orElse(Errno.EPERM);
    if (number < 0 || number > MAX_ERRNO) {
      throw new SeccompException(name + " with errno " + number + ", which is not 0 to 4095");
    }
    switch (name) {
      case "SCMP_ACT_KILL":
      case "SCMP_ACT_KILL_THREAD":
        return KILL_THREAD;
      case "SCMP_ACT_KILL_PROCESS":
        return KILL_PROCESS;
      case "SCMP_ACT_TRAP":
        return TRAP;
      case "SCMP_ACT_ERRNO":
        return ERRNO | number;
      case "SCMP_ACT_TRACE":
        return TRACE | number;
      case "SCMP_ACT_LOG":
        return LOG;
      case "SCMP_ACT_ALLOW":
        return ALLOW;
      case "SCMP_ACT_NOTIFY":
        throw new SeccompException("SCMP_ACT_NOTIFY is not supported by gantry");
      default:
        throw new SeccompException("unknown action " + name);
    }
  }

  /** Whether calls go through, perhaps noticed. */
  static boolean permits(int action) {
    int kind = action & 0xffff0000;
    return kind == ALLOW || kind == LOG || kind == TRACE;
  }
}
