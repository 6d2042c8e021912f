package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.options.ContainerConfigs;
import io.gantry.docker.engine.options.RestartPolicy;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Health;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.StartContainerRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts containers, hears of their ends, and starts them again where their policy says so. */
public final class Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);
  private static final int LOST = 255;
  private static final long DRAIN_SECONDS = 5;

  private final Runtime runtime;
  private final ContainerRecords records;
  private final Pods pods;
  private final Attachments attachments;
  private final Waiters waiters;
  private final ContainerEvents events;
  private final Clock clock;
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final HealthChecks health;
  private final Map<String, Future<?>> restarts = new HashMap<>();
  private Removal removal;
  private volatile boolean closing;

  /** How a container that removes itself is removed. */
  @FunctionalInterface
  interface Removal {
    void remove(DockerContainer container) throws EngineException, IOException;
  }

  Lifecycle(
      Runtime runtime,
      ContainerRecords records,
      Pods pods,
      Attachments attachments,
      Waiters waiters,
      ContainerEvents events,
      Clock clock,
      ExecutorService threads,
      ScheduledExecutorService timer,
      HealthChecks health) {
    this.runtime = runtime;
    this.records = records;
    this.pods = pods;
    this.attachments = attachments;
    this.waiters = waiters;
    this.events = events;
    this.clock = clock;
    this.threads = threads;
    this.timer = timer;
    this.health = health;
  }

  /** Comes after the construction, as removing stops first. */
  void removeBy(Removal how) {
    removal = how;
  }

  /**
   * Starts a container.
   *
   * @return false if it runs already
   */
  boolean start(DockerContainer container)
      throws EngineException, IOException, InterruptedException {
    cancelRestart(container);
    container.lock().lock();
    try {
      switch (container.status()) {
        case RUNNING -> {
          return false;
        }
        case PAUSED ->
            throw EngineException.conflict("cannot start a paused container, try unpause instead");
        case REMOVING, DEAD ->
            throw EngineException.conflict("container is marked for removal and cannot be started");
        default -> {}
      }
      container.setStoppedByHand(false);
      container.setFailures(0);
      launch(container);
      return true;
    } finally {
      container.lock().unlock();
    }
  }

  /** Makes the pod and starts what is in it; under the container's lock. */
  private void launch(DockerContainer container)
      throws EngineException, IOException, InterruptedException {
    try {
      pods.make(container);
      attachments.connectWaiting(container.id(), container.runtimeId());
      runtime
          .pods()
          .startContainer(
              StartContainerRequest.newBuilder().setContainerId(container.runtimeId()).build());
    } catch (RuntimeException | EngineException | IOException e) {
      throw failed(container, e);
    }
    container.setStatus(Status.RUNNING);
    container.setStartedAt(clock.instant());
    container.setError("");
    container.setExitCode(0);
    container.setOomKilled(false);
    records.write(container);
    events.tell(container, "start");
    watch(container);
  }

  /** Undoes a start that came to nothing. */
  private EngineException failed(DockerContainer container, Exception reason) throws IOException {
    StartFailure failure = StartFailure.of(reason, ContainerConfigs.arguments(container.config()));
    try {
      pods.remove(container);
    } catch (RuntimeException e) {
      log.atWarn().addKeyValue("container", container.id()).addKeyValue("error", e).log("undo");
    }
    attachments.fail(container.id(), new EngineException(500, failure.message()));
    boolean wasNew = container.status() == Status.CREATED;
    if (!wasNew || failure.exitCode() != 128) {
      container.setStatus(wasNew ? Status.CREATED : Status.EXITED);
    }
    container.setExitCode(failure.exitCode());
    container.setError(failure.message());
    container.setFinishedAt(clock.instant());
    records.write(container);
    Waiters.Outcome outcome = new Waiters.Outcome(failure.exitCode(), "");
    waiters.exited(container.id(), outcome);
    if (container.hostConfig().path("AutoRemove").asBoolean()) {
      threads.execute(() -> removeItself(container));
    }
    return reason instanceof EngineException told ? told : failure.toException();
  }

  /** Looks after a container that runs. */
  private void watch(DockerContainer container) {
    String runtimeId = container.runtimeId();
    health.begin(container);
    runtime.whenEnded(
        runtimeId, status -> threads.execute(() -> ended(container, runtimeId, status)));
  }

  private void ended(
      DockerContainer container, String runtimeId, Optional<ContainerStatus> status) {
    if (closing) {
      return;
    }
    try {
      attachments.drain(container.id(), DRAIN_SECONDS);
      container.lock().lock();
      try {
        if (container.runtimeId().equals(runtimeId) && container.status().isRunning()) {
          end(container, status);
        }
      } finally {
        container.lock().unlock();
      }
    } catch (IOException | RuntimeException e) {
      if (!closing) {
        log.atError()
            .addKeyValue("container", container.id())
            .setCause(e)
            .log("the end of a container could not be dealt with");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(DockerContainer container, Optional<ContainerStatus> status) throws IOException {
    int code = status.map(ContainerStatus::getExitCode).orElse(LOST);
    Instant finished =
        status
            .filter(told -> told.getFinishedAt() > 0)
            .map(told -> Instant.ofEpochSecond(0, told.getFinishedAt()))
            .orElseGet(clock::instant);
    boolean oom = status.map(told -> told.getReason().equals("OOMKilled")).orElse(false);
    health.end(container);
    container.setExitCode(code);
    container.setOomKilled(oom);
    container.setFinishedAt(finished);
    container.setStatus(Status.EXITED);
    try {
      pods.remove(container);
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("container", container.id())
          .addKeyValue("error", e)
          .log("the pod of an ended container stays until its next start");
    }
    if (oom) {
      events.tell(container, "oom");
    }
    Duration lasted = Duration.between(container.lastStart(), finished);
    events.tell(
        container,
        "die",
        Map.of(
            "exitCode",
            Integer.toString(code),
            "execDuration",
            Long.toString(Math.max(0, lasted.toSeconds()))));
    boolean again = restartsAgain(container, code, lasted);
    records.write(container);
    if (again) {
      return;
    }
    waiters.exited(container.id(), new Waiters.Outcome(code, ""));
    if (container.hostConfig().path("AutoRemove").asBoolean()) {
      threads.execute(() -> removeItself(container));
    }
  }

  private boolean restartsAgain(DockerContainer container, int code, Duration lasted) {
    RestartPolicy policy = policy(container);
    if (!policy.restarts(code, container.restartCount(), container.isStoppedByHand())) {
      return false;
    }
    int failures = lasted.compareTo(RestartPolicy.LONG_RUN) >= 0 ? 0 : container.failures();
    container.setFailures(failures + 1);
    container.setStatus(Status.RESTARTING);
    schedule(container, RestartPolicy.pause(failures));
    // Who waits for the next end has seen it.
    waiters.exited(container.id(), new Waiters.Outcome(code, ""));
    return true;
  }

  private void schedule(DockerContainer container, Duration pause) {
    synchronized (restarts) {
      restarts.put(
          container.id(),
          timer.schedule(
              () -> threads.execute(() -> restartByPolicy(container)),
              pause.toMillis(),
              TimeUnit.MILLISECONDS));
    }
  }

  private void restartByPolicy(DockerContainer container) {
    container.lock().lock();
    try {
      if (container.status() != Status.RESTARTING || closing) {
        return;
      }
      container.setRestartCount(container.restartCount() + 1);
      launch(container);
    } catch (EngineException | IOException | RuntimeException e) {
      log.atWarn()
          .addKeyValue("container", container.id())
          .addKeyValue("error", e.getMessage())
          .log("could not be started again");
      againAfterFailure(container);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      container.lock().unlock();
    }
  }

  /** A start by policy that failed counts like a run that failed at once. */
  private void againAfterFailure(DockerContainer container) {
    if (!closing && restartsAgain(container, container.exitCode(), Duration.ZERO)) {
      try {
        records.write(container);
      } catch (IOException e) {
        log.atError().addKeyValue("container", container.id()).setCause(e).log("record");
      }
    }
  }

  /** Takes back a start that was about to come; the container counts as ended then. */
  boolean cancelRestart(DockerContainer container) throws IOException {
    Future<?> coming;
    synchronized (restarts) {
      coming = restarts.remove(container.id());
    }
    container.lock().lock();
    try {
      if (coming != null) {
        coming.cancel(false);
      }
      if (container.status() == Status.RESTARTING) {
        container.setStatus(Status.EXITED);
        records.write(container);
        return true;
      }
      return false;
    } finally {
      container.lock().unlock();
    }
  }

  private void removeItself(DockerContainer container) {
    try {
      removal.remove(container);
    } catch (EngineException | IOException | RuntimeException e) {
      if (!closing) {
        log.atWarn()
            .addKeyValue("container", container.id())
            .addKeyValue("error", e.getMessage())
            .log("a container that removes itself could not be removed");
      }
      waiters.removed(
          container.id(),
          new Waiters.Outcome(container.exitCode(), String.valueOf(e.getMessage())));
    }
  }

  private static RestartPolicy policy(DockerContainer container) {
    try {
      return RestartPolicy.of(container.hostConfig().path("RestartPolicy"));
    } catch (EngineException e) {
      return new RestartPolicy(RestartPolicy.Kind.NO, 0); // It was checked when it was made.
    }
  }

  /** Takes up what an earlier daemon left: containers live on without it. */
  void recover() {
    for (DockerContainer container : records.all()) {
      container.lock().lock();
      try {
        recover(container);
      } catch (IOException | RuntimeException e) {
        log.atError()
            .addKeyValue("container", container.id())
            .setCause(e)
            .log("could not be taken up");
      } finally {
        container.lock().unlock();
      }
    }
  }

  private void recover(DockerContainer container) throws IOException {
    if (container.status() == Status.REMOVING) {
      threads.execute(() -> removeItself(container));
      return;
    }
    boolean ran = container.status().isRunning();
    Optional<ContainerStatus> status =
        container.runtimeId().isEmpty() ? Optional.empty() : runtime.status(container.runtimeId());
    boolean runs =
        status.map(told -> told.getState() == ContainerState.CONTAINER_RUNNING).orElse(false);
    if (runs) {
      if (!ran) {
        container.setStatus(Status.RUNNING);
        container.setStartedAt(Instant.ofEpochSecond(0, status.get().getStartedAt()));
        records.write(container);
      }
      watch(container);
    } else if (ran) {
      end(container, status);
    } else if (container.status() == Status.RESTARTING) {
      schedule(container, Duration.ZERO);
    } else if (container.status() == Status.EXITED
        && container.hostConfig().path("AutoRemove").asBoolean()) {
      threads.execute(() -> removeItself(container));
    }
    boolean starts =
        container.status() == Status.EXITED
            && policy(container).startsWithDaemon(container.isStoppedByHand());
    if (starts) {
      container.setStatus(Status.RESTARTING);
      schedule(container, Duration.ZERO);
    }
  }

  /** What happens to containers from here on is the next daemon's to hear of. */
  void close() {
    closing = true;
    health.close();
  }

  /** For who asks: none, starting, healthy, unhealthy. */
  static Health healthOf(DockerContainer container) {
    return container.health();
  }
}
