package io.gantry.cri.streaming.process;

/** How an exec or an attach ended. */
public sealed interface SessionEnd {

  /** The process ended with a code of 0-255; 128 plus the signal's number if killed. */
  record Exited(int code) implements SessionEnd {}

  /** The session ended without an end of the process: what an attach does when it is closed. */
  record Detached() implements SessionEnd {}

  /**
   * The session broke.
   *
   * @param message what failed and why, in words for the client
   */
  record Failed(String message) implements SessionEnd {}
}
