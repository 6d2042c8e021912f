package io.gantry.runtime.linux;

import java.io.IOException;

/**
 * A system call that failed: what was attempted, in words and with its operands, and the errno the
 * kernel gave.
 *
 * <p>The message reads {@code mount overlay at /run/x/rootfs: EBUSY (device or resource busy)}.
 * Decide by {@link #errno()}, never by the message.
 */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final int errno;

  /**
   * @param operation what was attempted, for example {@code mkdir /run/x}
   * @param errno a number of {@link Errno}, positive
   */
  public LinuxException(String operation, int errno) {
    super(operation + ": " + Errno.describe(errno));
    this.operation = operation;
    this.errno = errno;
  }

  /** What was attempted, with its operands. */
  public String operation() {
    return operation;
  }

  /** The kernel's errno, one of the constants of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
