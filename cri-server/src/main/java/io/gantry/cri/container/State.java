package io.gantry.cri.container;

import io.gantry.proto.cri.v1.ContainerState;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Where a container stands in its life; each state holds what exists in it and nothing else. */
public sealed interface State {

  /** How the CRI calls it. */
  ContainerState name();

  /**
   * Being made, or its making broke off: whatever exists of it is to be undone. Never shown to
   * callers.
   */
  record Making() implements State {
    @Override
    public ContainerState name() {
      return ContainerState.CONTAINER_UNKNOWN;
    }
  }

  /** Everything is prepared; no process runs. */
  record Created() implements State {
    @Override
    public ContainerState name() {
      return ContainerState.CONTAINER_CREATED;
    }
  }

  /**
   * Its program runs.
   *
   * @param pid of the first process, as the host sees it
   */
  record Running(int pid, Instant startedAt) implements State {
    public Running {
      Objects.requireNonNull(startedAt);
    }

    @Override
    public ContainerState name() {
      return ContainerState.CONTAINER_RUNNING;
    }
  }

  /**
   * Its program has ended, or never began.
   *
   * @param startedAt absent if it never ran
   * @param exitCode 0-255; 128 + n when signal n killed it
   * @param message for people; often empty
   */
  record Exited(
      Optional<Instant> startedAt,
      Instant finishedAt,
      int exitCode,
      ExitReason reason,
      String message)
      implements State {
    public Exited {
      Objects.requireNonNull(startedAt);
      Objects.requireNonNull(finishedAt);
      Objects.requireNonNull(reason);
      Objects.requireNonNull(message);
    }

    @Override
    public ContainerState name() {
      return ContainerState.CONTAINER_EXITED;
    }
  }

  /**
   * Nobody can tell, and something of it may still run.
   *
   * @param why for people
   */
  record Unknown(String why) implements State {
    public Unknown {
      Objects.requireNonNull(why);
    }

    @Override
    public ContainerState name() {
      return ContainerState.CONTAINER_UNKNOWN;
    }
  }
}
