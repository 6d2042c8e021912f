package io.gantry.cri.daemon;

/** The daemon cannot start; the message is for the operator. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
