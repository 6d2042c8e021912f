package io.gantry.image.build;

import java.io.IOException;
import java.util.OptionalInt;

/** A build that cannot be done, through nobody's fault but that of who asked for it. */
public final class BuildException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient OptionalInt exitCode;

  BuildException(String message) {
    this(message, OptionalInt.empty(), null);
  }

  BuildException(String message, OptionalInt exitCode, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The code of the program that failed, if that is what happened. */
  public OptionalInt exitCode() {
    return exitCode;
  }
}
