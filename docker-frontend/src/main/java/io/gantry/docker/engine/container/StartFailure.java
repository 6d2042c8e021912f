package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Failures;
import java.util.List;

/**
 * Why a program could not be started, in the words by which clients know exit codes 126 and 127.
 *
 * @param exitCode as a shell has it
 */
public record StartFailure(int exitCode, String message) {
  private static final int NOT_FOUND = 127;
  private static final int NOT_EXECUTABLE = 126;
  private static final int OTHER = 128;

  /** Reads the runtime's words. */
  public static StartFailure of(Throwable failure, List<String> command) {
    EngineException told = Failures.of(failure);
    String words = told.getMessage();
    String program = command.isEmpty() ? "" : command.get(0);
    boolean executing =
        words.contains("execute ")
            || words.contains("executable")
            || words.contains("not found in PATH");
    if (executing && (words.contains("ENOENT") || words.contains("not found"))) {
      String why =
          program.contains("/")
              ? "stat " + program + ": no such file or directory"
              : "executable file not found in $PATH";
      return new StartFailure(NOT_FOUND, said(program, why, words));
    }
    if (executing && (words.contains("EACCES") || words.contains("EISDIR"))) {
      return new StartFailure(NOT_EXECUTABLE, said(program, "permission denied", words));
    }
    if (executing && words.contains("ENOEXEC")) {
      return new StartFailure(NOT_EXECUTABLE, said(program, "exec format error", words));
    }
    return new StartFailure(OTHER, words);
  }

  private static String said(String program, String why, String words) {
    return "failed to create task for container: unable to start container process: exec: \"%s\": %s (%s)"
        .formatted(program, why, words);
  }

  EngineException toException() {
    return exitCode == OTHER
        ? EngineException.failed(message)
        : EngineException.badRequest(message);
  }
}
