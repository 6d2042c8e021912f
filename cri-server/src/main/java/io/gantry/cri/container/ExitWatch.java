package io.gantry.cri.container;

import io.gantry.cri.shims.ExitStatus;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.shims.Shims;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the end of running containers and records it: code, time, reason. Then it frees what
 * the container held; snapshot and log stay until the container is removed. Thread-safe.
 */
public final class ExitWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExitWatch.class);

  /**
   * 128 + SIGKILL: how a process ends that the kernel kills for want of memory, but many others
   * too.
   */
  private static final int KILLED = 137;

  /** For an end that nobody saw, as kubelets know it from other runtimes. */
  static final int CODE_UNKNOWN = 255;

  private final Containers containers;
  private final Shims shims;
  private final TaskRelease release;
  private final ContainerEvents events;
  private final ContainerHooks hooks;
  private final MemoryKills memoryKills;
  private final Clock clock;
  private final Executor executor;
  private volatile boolean closed;

  /**
   * @param executor runs what follows an exit, which blocks for as long as a shim takes to clean up
   */
  public ExitWatch(
      Containers containers,
      Shims shims,
      TaskRelease release,
      ContainerEvents events,
      ContainerHooks hooks,
      MemoryKills memoryKills,
      Clock clock,
      Executor executor) {
    this.containers = containers;
    this.shims = shims;
    this.release = release;
    this.events = events;
    this.hooks = hooks;
    this.memoryKills = memoryKills;
    this.clock = clock;
    this.executor = executor;
  }

  /** Watches a container in state Running, or whose shim says that it runs. Returns at once. */
  public void watch(Container container, ShimConnection shim) {
    shim.waitExit(container.id())
        .whenComplete((status, lost) -> later(container, () -> ended(container, status, lost)));
  }

  private void later(Container container, Runnable work) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException stopping) {
      log.atDebug().addKeyValue("container", container.id()).log("exit left to the next daemon");
    }
  }

  private void ended(Container container, ExitStatus status, Throwable failure) {
    if (status != null) {
      seen(container, status);
    } else if (!closed) {
      // The daemon's own end closes connections too; then the next daemon takes over the watch.
      if (isConnectionLost(failure)) {
        reconnectOrGiveUp(container);
      } else {
        giveUp(container, failure);
      }
    }
  }

  /** Any other failure is the shim's own answer, and asking again would bring the same. */
  private static boolean isConnectionLost(Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    return cause instanceof TtrpcException answer && answer.code() == TtrpcCode.UNAVAILABLE;
  }

  private void giveUp(Container container, Throwable failure) {
    try (Container.Operation operation = container.beginUninterruptibly()) {
      if (operation.state() instanceof State.Running) {
        lost(operation, "it does not know the container: " + failure.getMessage());
      }
    }
  }

  private void seen(Container container, ExitStatus status) {
    try (Container.Operation operation = container.beginUninterruptibly()) {
      if (operation.state() instanceof State.Running running) {
        record(operation, ended(container, running.startedAt(), status));
      }
    }
  }

  private State.Exited ended(Container container, Instant startedAt, ExitStatus status) {
    int code = status.code();
    boolean memoryRanOut = code != 0 && memoryRanOut(container);
    ExitReason reason =
        code == 0
            ? ExitReason.COMPLETED
            : memoryRanOut && code == KILLED ? ExitReason.OOM_KILLED : ExitReason.ERROR;
    return new State.Exited(
        Optional.of(startedAt),
        status.exitedAt(),
        code,
        reason,
        memoryRanOut ? memoryKills.words(container.record()) : "");
  }

  /**
   * Any process of the container may have been the victim; what counts is that its end and a kill
   * for want of memory came together.
   */
  private static boolean memoryRanOut(Container container) {
    if (container.shim().isEmpty()) {
      return false;
    }
    try {
      return container.shim().get().oomKills(container.id()) > 0;
    } catch (IOException e) {
      log.atWarn()
          .setCause(e)
          .addKeyValue("container", container.id())
          .log("whether memory ran out could not be learnt");
      return false;
    }
  }

  private void reconnectOrGiveUp(Container container) {
    try (Container.Operation operation = container.beginUninterruptibly()) {
      Optional<String> address = operation.record().shimAddress();
      if (!(operation.state() instanceof State.Running) || address.isEmpty()) {
        return;
      }
      container.shim().ifPresent(ShimConnection::close);
      try {
        ShimConnection again = shims.reconnect(operation.record().tenant(), address.get());
        container.connect(Optional.of(again));
        watch(container, again);
      } catch (IOException gone) {
        container.connect(Optional.empty());
        lost(operation, gone.getMessage());
      }
    }
  }

  /**
   * Ends a container whose shim is gone: kills what is left of it and records that its end was not
   * seen.
   */
  public void lost(Container.Operation operation, String why) {
    Container container = operation.container();
    Optional<Instant> startedAt =
        container.state() instanceof State.Running running
            ? Optional.of(running.startedAt())
            : Optional.empty();
    log.atWarn()
        .addKeyValue("container", container.id())
        .addKeyValue("why", why)
        .log("shim is gone; what is left of the container is killed");
    record(
        operation,
        new State.Exited(
            startedAt,
            clock.instant(),
            CODE_UNKNOWN,
            ExitReason.STATUS_UNKNOWN,
            "the shim of this container is gone: " + why));
  }

  /**
   * Records an end and frees what the container held. The record comes first: an exit that was
   * learnt must survive a crash, while releasing can be repeated by whoever finds the shim's
   * address still in it.
   */
  public void record(Container.Operation operation, State.Exited exit) {
    Container container = operation.container();
    containers.putFact(operation, container.record().with(exit));
    log.atInfo()
        .addKeyValue("container", container.id())
        .addKeyValue("pod", container.record().podId())
        .addKeyValue("code", exit.exitCode())
        .addKeyValue("reason", exit.reason().word())
        .log("container ended");
    events.happened(ContainerEventType.CONTAINER_STOPPED_EVENT, container.record());
    try {
      release.release(container);
      containers.putFact(operation, container.record().withoutShim());
    } catch (IOException e) {
      log.atError()
          .setCause(e)
          .addKeyValue("container", container.id())
          .log("container ended, but not all that it held could be freed; its removal tries again");
    }
    hooks.stopped(container.record());
    container.ended().complete(null);
  }

  /** From here on a lost connection means nothing: containers live on without this daemon. */
  @Override
  public void close() {
    closed = true;
  }
}
