package io.gantry.docker.cli.command;

/** A command that could not be carried out, for a reason of this side. */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1;
  private final int exitCode;

  public CommandFailure(String message) {
    this(message, 1);
  }

  public CommandFailure(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
