package io.gantry.docker.cli.option;

/** A command line that means nothing. */
public final class BadUsage extends Exception {
  private static final long serialVersionUID = 1;
  private final int exitCode;

  /** A flag that is not known, or has no value or a bad one: docker exits with 125. */
  public static BadUsage flag(String message) {
    return new BadUsage(message, 125);
  }

  /** Too few or too many words: docker exits with 1. */
  public static BadUsage words(String message) {
    return new BadUsage(message, 1);
  }

  private BadUsage(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
