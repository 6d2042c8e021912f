package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.spec.StopSignals;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends running containers. Takes no container for itself, so that its end can be recorded meanwhile
 * and that several stops may wait at once: each has its own time, and the first that is over kills.
 * Thread-safe.
 */
final class Stopping {
  private static final int SIGKILL = 9;

  /** A killed process may take this long to let go, for example of a slow disk. */
  private static final Duration KILL_PATIENCE = Duration.ofMinutes(2);

  private final TaskRelease release;
  private final ExitWatch exits;
  private final Patience patience;

  Stopping(TaskRelease release, ExitWatch exits, Patience patience) {
    this.release = release;
    this.exits = exits;
    this.patience = patience;
  }

  /**
   * Asks the container to end, and kills it if it has not after {@code grace}; zero kills at once.
   * Does nothing unless it runs or nobody can tell.
   *
   * @throws CriException TIMED_OUT if it does not end even when killed
   */
  void stop(Container container, Duration grace) throws IOException, InterruptedException {
    if (container.state() instanceof State.Unknown) {
      clear(container);
      return;
    }
    if (!(container.state() instanceof State.Running)) {
      return;
    }
    if (!grace.isZero()) {
      ask(container);
      if (patience.await(container.ended(), grace)) {
        return;
      }
    }
    kill(container);
  }

  /** A second stop does not send the signal again: programs take a repeated one as "at once". */
  private void ask(Container container) throws IOException {
    if (!container.claimStopSignal()) {
      return;
    }
    try {
      signal(container, StopSignals.number(container.record().stopSignal()), false);
      resume(container);
    } catch (IOException | RuntimeException e) {
      container.stopSignalFailed();
      throw e;
    }
  }

  /** What stands still hears no signal. */
  private static void resume(Container container) throws IOException {
    if (!container.isPaused() || container.shim().isEmpty()) {
      return;
    }
    try {
      container.shim().get().resume(container.id());
      container.paused(false);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.NOT_FOUND
          && e.code() != TtrpcCode.UNAVAILABLE
          && e.code() != TtrpcCode.FAILED_PRECONDITION) {
        throw e;
      }
    }
  }

  private void kill(Container container) throws IOException, InterruptedException {
    // With all its processes: in a PID namespace that is not its own they would outlive the first
    // one.
    signal(container, SIGKILL, true);
    if (!patience.await(container.ended(), KILL_PATIENCE)) {
      throw new CriException(
          Failure.TIMED_OUT,
          "container %s was killed, but has not ended after %d s"
              .formatted(container.id(), KILL_PATIENCE.toSeconds()));
    }
  }

  private static void signal(Container container, int signal, boolean all) throws IOException {
    Optional<ShimConnection> shim = container.shim();
    if (shim.isEmpty()) {
      return; // Its end is being recorded.
    }
    try {
      shim.get().kill(container.id(), signal, all);
    } catch (TtrpcException e) {
      // It has ended meanwhile, or its shim has; both are noticed by the watch.
      if (e.code() != TtrpcCode.NOT_FOUND && e.code() != TtrpcCode.UNAVAILABLE) {
        throw e;
      }
    }
  }

  private void clear(Container container) throws IOException, InterruptedException {
    try (Container.Operation operation = container.begin()) {
      if (operation.state() instanceof State.Unknown unknown) {
        release.release(container);
        exits.lost(operation, unknown.why());
      }
    }
  }
}
