package io.gantry.runtime.container;

/**
 * An operation on a container that failed. The message says what was asked, which step, and why.
 */
public final class ContainerException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a caller may want to tell apart. */
  public enum Kind {
    /** The configuration is wrong or asks for what gantry does not have. */
    INVALID_SPEC,
    /** The program to run does not exist in the container. */
    PROGRAM_NOT_FOUND,
    /** The program exists but cannot be run. */
    PROGRAM_NOT_EXECUTABLE,
    /**
     * The machine lacks what it takes, or the container is not of a kind that it can be done to.
     */
    UNFIT,
    /** The operation does not fit the container's state. */
    WRONG_STATE,
    /** The process or container is gone. */
    GONE,
    /** The runtime that runs the container does not have the operation. */
    UNSUPPORTED,
    /** The kernel refused a step. */
    FAILED
  }

  private final Kind kind;

  public ContainerException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ContainerException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
