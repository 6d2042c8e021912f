package io.gantry.docker.cli.container;

import java.util.Locale;

/** What docker exits with when a command could not be started, which only words tell apart. */
final class StartCodes {
  private static final int OWN_FAULT = 125;
  private static final int CANNOT_RUN = 126;
  private static final int NOT_FOUND = 127;

  private StartCodes() {}

  static int of(String words) {
    String lower = words.toLowerCase(Locale.ROOT);
    if (lower.contains("executable file not found")
        || lower.contains("no such file or directory")
        || lower.contains("enoent")) {
      return NOT_FOUND;
    }
    boolean denied =
        lower.contains("permission denied")
            || lower.contains("is a directory")
            || lower.contains("eacces")
            || lower.contains("exec format error");
    return denied ? CANNOT_RUN : OWN_FAULT;
  }
}
