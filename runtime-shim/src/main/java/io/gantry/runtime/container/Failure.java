package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.FAILED;
import static io.gantry.runtime.container.ContainerException.Kind.INVALID_SPEC;
import static io.gantry.runtime.container.ContainerException.Kind.PROGRAM_NOT_EXECUTABLE;
import static io.gantry.runtime.container.ContainerException.Kind.PROGRAM_NOT_FOUND;

import io.gantry.runtime.launch.LaunchException;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.oci.OciProcess;

/** Puts what was asked in front of what went wrong. */
final class Failure {
  private Failure() {}

  static ContainerException of(String asked, Exception cause) {
    if (cause instanceof ContainerException known) {
      return known;
    }
    ContainerException.Kind kind =
        cause instanceof IllegalArgumentException ? INVALID_SPEC : FAILED;
    return new ContainerException(kind, asked + ": " + cause.getMessage(), cause);
  }

  static ContainerException ofLaunch(
      String asked, OciProcess process, ProcessSteps steps, LaunchException cause) {
    if (!cause.isAtExecute()) {
      return new ContainerException(FAILED, asked + ": " + cause.getMessage(), cause);
    }
    String program = process.args().get(0);
    if (cause.errno() == Errno.ENOENT || cause.errno() == Errno.ENOTDIR) {
      String where =
          program.indexOf('/') >= 0 ? "" : " in PATH " + String.join(":", steps.searchPath());
      return new ContainerException(
          PROGRAM_NOT_FOUND,
          asked
              + ": program \""
              + program
              + "\" not found"
              + where
              + " ("
              + cause.getMessage()
              + ")",
          cause);
    }
    return new ContainerException(
        PROGRAM_NOT_EXECUTABLE,
        asked + ": program \"" + program + "\" cannot be executed: " + cause.getMessage(),
        cause);
  }
}
