package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import java.util.List;
import java.util.Locale;

/** Names of signals, as in signal(7). */
final class Signals {
  private static final List<String> NAMES =
      List.of(
          "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
          "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final int LAST = 64;
  private static final int FIRST_REAL_TIME = 34;

  private Signals() {}

  /**
   * The number of {@code TERM}, {@code SIGTERM}, {@code 15} or {@code RTMIN+3}.
   *
   * @throws EngineException if there is no such signal
   */
  static String number(String signal) throws EngineException {
    String name = signal.toUpperCase(Locale.ROOT);
    name = name.startsWith("SIG") ? name.substring(3) : name;
    int index = name.isEmpty() ? -1 : NAMES.indexOf(name);
    try {
      if (index < 0 && name.equals("IOT")) {
        index = 6;
      } else if (index < 0 && name.equals("RTMIN")) {
        index = FIRST_REAL_TIME;
      } else if (index < 0 && name.equals("RTMAX")) {
        index = LAST;
      } else if (index < 0 && name.startsWith("RTMIN+")) {
        index = FIRST_REAL_TIME + Integer.parseInt(name.substring(6));
      } else if (index < 0 && name.startsWith("RTMAX-")) {
        index = LAST - Integer.parseInt(name.substring(6));
      } else if (index < 0) {
        index = Integer.parseInt(name);
      }
    } catch (NumberFormatException e) {
      index = -1;
    }
    if (index < 1 || index > LAST) {
      throw EngineException.badRequest("invalid signal: " + signal);
    }
    return Integer.toString(index);
  }
}
