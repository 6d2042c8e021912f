package io.gantry.runtime.linux;

import java.util.OptionalInt;

/** Resource numbers of prlimit(2), by the names the OCI runtime specification uses. */
public final class Resources {
  public static final int NOFILE = 7;
  public static final int CORE = 4;

  private Resources() {}

  /**
   * The number of a name such as {@code RLIMIT_NOFILE}; empty for a name the kernel does not have.
   */
  public static OptionalInt number(String name) {
    switch (name) {
      case "RLIMIT_CPU":
        return OptionalInt.of(0);
      case "RLIMIT_FSIZE":
        return OptionalInt.of(1);
      case "RLIMIT_DATA":
        return OptionalInt.of(2);
      case "RLIMIT_STACK":
        return OptionalInt.of(3);
      case "RLIMIT_CORE":
        return OptionalInt.of(CORE);
      case "RLIMIT_RSS":
        return OptionalInt.of(5);
      case "RLIMIT_NPROC":
        return OptionalInt.of(6);
      case "RLIMIT_NOFILE":
        return OptionalInt.of(NOFILE);
      case "RLIMIT_MEMLOCK":
        return OptionalInt.of(8);
      case "RLIMIT_AS":
        return OptionalInt.of(9);
      case "RLIMIT_LOCKS":
        return OptionalInt.of(10);
      case "RLIMIT_SIGPENDING":
        return OptionalInt.of(11);
      case "RLIMIT_MSGQUEUE":
        return OptionalInt.of(12);
      case "RLIMIT_NICE":
        return OptionalInt.of(13);
      case "RLIMIT_RTPRIO":
        return OptionalInt.of(14);
      case "RLIMIT_RTTIME":
        return OptionalInt.of(15);
      default:
        return OptionalInt.empty();
    }
  }
}
