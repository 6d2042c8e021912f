package io.gantry.cri.streaming.process;

/**
 * Which of a process' streams a client wants.
 *
 * @param tty whether the process has a terminal, whose output is all stdout
 */
public record StreamSet(boolean tty, boolean stdin, boolean stdout, boolean stderr) {
  public StreamSet {
    if (tty && stderr) {
      throw new IllegalArgumentException("a terminal has no stderr of its own");
    }
    if (!stdin && !stdout && !stderr) {
      throw new IllegalArgumentException("none of stdin, stdout and stderr is asked for");
    }
  }
}
