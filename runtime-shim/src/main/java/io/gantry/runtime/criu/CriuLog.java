package io.gantry.runtime.criu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds in CRIU's log what people need to know of a failure. */
public final class CriuLog {
  private static final String ERROR = "Error (";
  // What CRIU says on machines where it works, about privileges it can do without.
  private static final List<String> HARMLESS = List.of("rlimit: Can't setup", "tun: Unable");
  private static final int SHOWN = 3;

  private CriuLog() {}

  /** The first errors of the log, which the later ones follow from; or where the log is. */
  public static String problem(Path log) {
    List<String> errors;
    try {
      errors = errors(Files.readString(log, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return "it has left no log";
    }
    return errors.isEmpty()
        ? "its log names no error"
        : String.join("; ", errors.subList(0, Math.min(SHOWN, errors.size())));
  }

  /** The words of every line that tells an error, without time and place. */
  static List<String> errors(String log) {
    List<String> errors = new ArrayList<>();
    int at = log.indexOf(ERROR);
    while (at >= 0) {
      int end = log.indexOf('\n', at);
      String line = log.substring(at, end < 0 ? log.length() : end);
      int words = line.indexOf("): ");
      String error = words < 0 ? line : line.substring(words + 3);
      if (!isHarmless(error)) {
        errors.add(error);
      }
      at = end < 0 ? -1 : log.indexOf(ERROR, end);
    }
    return errors;
  }

  private static boolean isHarmless(String error) {
    for (String known : HARMLESS) {
      if (error.startsWith(known)) {
        return true;
      }
    }
    return false;
  }
}
