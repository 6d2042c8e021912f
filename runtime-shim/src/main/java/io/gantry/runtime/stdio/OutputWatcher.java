package io.gantry.runtime.stdio;

/** Someone who is shown a process's output beside its log. */
@FunctionalInterface
public interface OutputWatcher {
  /**
   * Takes bytes; must neither block nor keep the array. Called by one thread per stream at a time.
   */
  void output(boolean stderr, byte[] bytes, int offset, int length);
}
