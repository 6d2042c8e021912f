package io.gantry.runtime.container;

import io.gantry.runtime.linux.Fd;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A process that runs its program. */
public sealed interface StartedProcess {
  /** In the caller's PID namespace. */
  int pid();

  /**
   * A child of the calling process, which must reap it.
   *
   * @param pidfd stands for the process, also after it is gone; the caller closes it
   * @param console the terminal's master, if one was asked for; the caller closes it
   * @param family what the process has started; empty for a container's first process, and where
   *     the machine offers no means to tell
   */
  record Child(int pid, Fd pidfd, Optional<Fd> console, Optional<Family> family)
      implements StartedProcess {}

  /**
   * A process that somebody else started, reaps, and has the terminal of; it is reached through
   * them only, and may not even be this kernel's.
   */
  non-sealed interface Distant extends StartedProcess, AutoCloseable {
    /** Completes with the exit code, 0-255; never fails. */
    CompletableFuture<Integer> exit();

    /**
     * @throws ContainerException of kind GONE if it has ended
     */
    void signal(int signal) throws ContainerException;

    /** Sends a signal to it and the processes of its group; does nothing if it has ended. */
    void signalGroup(int signal) throws ContainerException;

    /** Tells its terminal the size, in characters. */
    void resize(int columns, int rows) throws ContainerException;

    /** Ends its standard input, once the caller has closed its own end. */
    void closeStdin() throws ContainerException;

    /** It has ended and will not be asked about again. */
    @Override
    void close();
  }
}
