package io.gantry.runtime.linux;

/**
 * How a child ended, as waitid(2) tells it.
 *
 * @param pid the child, in this process's PID namespace
 * @param signalled whether a signal ended it
 * @param value the exit code 0 to 255, or the signal's number
 */
public record ExitStatus(int pid, boolean signalled, int value) {
  /** The code a shell would report: the exit code, or 128 plus the signal. */
  public int code() {
    return signalled ? 128 + value : value;
  }
}
