package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Errno;
import java.io.IOException;

/**
 * A launch that failed; no process of it is left. The message names the step and the reason in
 * words.
 */
public final class LaunchException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String step;
  private final int errno;
  private final boolean atExecute;

  LaunchException(String step, int errno, boolean atExecute) {
    super(step + ": " + Errno.describe(errno));
    this.step = step;
    this.errno = errno;
    this.atExecute = atExecute;
  }

  LaunchException(String step, String reason) {
    super(step + ": " + reason);
    this.step = step;
    this.errno = 0;
    this.atExecute = false;
  }

  /** The name of the step that failed, such as {@code mount proc at /proc}. */
  public String step() {
    return step;
  }

  /** The step's errno; 0 if the child was killed before it could report one. */
  public int errno() {
    return errno;
  }

  /**
   * Whether everything was prepared and only the program could not be executed: missing (ENOENT),
   * not executable (EACCES), no program (ENOEXEC).
   */
  public boolean isAtExecute() {
    return atExecute;
  }
}
