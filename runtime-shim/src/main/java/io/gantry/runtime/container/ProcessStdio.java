package io.gantry.runtime.container;

/** What a process gets for its standard streams. */
public sealed interface ProcessStdio permits ProcessStdio.Pipes, ProcessStdio.Terminal {

  /**
   * Three descriptors of the calling process, which stay the caller's to close. They may be the
   * same.
   */
  record Pipes(int stdin, int stdout, int stderr) implements ProcessStdio {
    public Pipes {
      if (stdin < 0 || stdout < 0 || stderr < 0) {
        throw new IllegalArgumentException(
            "not descriptors: " + stdin + ", " + stdout + ", " + stderr);
      }
    }
  }

  /**
   * A new terminal of the container's own devpts, which becomes the process's controlling terminal;
   * {@link StartedProcess#console()} is its other end.
   */
  record Terminal() implements ProcessStdio {}
}
