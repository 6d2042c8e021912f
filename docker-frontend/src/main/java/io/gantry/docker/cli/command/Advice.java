package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.ApiFailure;
import java.io.PrintStream;
import java.util.Optional;

/** What to do about a failure, where that is known. */
public final class Advice {
  private Advice() {}

  /** The failure in the engine's words, and the next step in a line of its own. */
  public static void tell(PrintStream err, ApiFailure failure) {
    err.println(failure.getMessage());
    on(failure.words()).ifPresent(step -> err.println("Next: " + step));
    err.flush();
  }

  /** The next step after the engine has said this. */
  public static Optional<String> on(String words) {
    String lower = words.toLowerCase(java.util.Locale.ROOT);
    if (lower.contains("no such container")) {
      return Optional.of("gantry ps -a  shows which containers there are");
    } else if (lower.contains("no such image")) {
      return Optional.of(
          "gantry images  shows which images there are;  gantry pull "
              + last(words)
              + "  gets one");
    } else if (lower.contains("no such volume")
        || lower.contains("get ") && lower.contains(": no such volume")) {
      return Optional.of("gantry volume ls  shows which volumes there are");
    } else if (lower.startsWith("network ") && lower.contains("not found")) {
      return Optional.of("gantry network ls  shows which networks there are");
    } else if (lower.contains("container name") && lower.contains("already in use")) {
      return Optional.of("gantry rm NAME  removes the other one, or take another --name");
    } else if (lower.contains("port is already allocated")
        || lower.contains("address already in use")) {
      return Optional.of("gantry ps  shows who publishes the port; publish another with -p");
    } else if (lower.contains("is not running")) {
      return Optional.of("gantry start NAME  starts it");
    } else if (lower.contains("unauthorized") || lower.contains("authentication required")) {
      return Optional.of("gantry login REGISTRY");
    } else if (lower.contains("cannot remove") && lower.contains("running")) {
      return Optional.of("gantry stop NAME  first, or  gantry rm -f NAME");
    }
    return Optional.empty();
  }

  private static String last(String words) {
    String name = words.substring(words.lastIndexOf(' ') + 1);
    return name.startsWith("sha256:") || name.isEmpty() ? "NAME" : name;
  }
}
