package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.v1.KillRequest;
import io.gantry.proto.v1.PauseRequest;
import io.gantry.proto.v1.UnpauseRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends, pauses and signals containers. */
final class Stopping {
  private static final int USUAL_SECONDS = 10;
  private static final int AFTER_KILL_SECONDS = 30;

  private final Runtime runtime;
  private final ContainerRecords records;
  private final Lifecycle lifecycle;
  private final Waiters waiters;
  private final ContainerEvents events;

  Stopping(
      Runtime runtime,
      ContainerRecords records,
      Lifecycle lifecycle,
      Waiters waiters,
      ContainerEvents events) {
    this.runtime = runtime;
    this.records = records;
    this.lifecycle = lifecycle;
    this.waiters = waiters;
    this.events = events;
  }

  /**
   * Asks a container to end, and makes it.
   *
   * @param signal "" for the container's own
   * @param seconds how long it may take; negative for as long as it likes
   * @return false if it did not run
   */
  boolean stop(DockerContainer container, String signal, OptionalLong seconds, boolean byHand)
      throws EngineException, IOException, InterruptedException {
    if (lifecycle.cancelRestart(container)) {
      noteStop(container, byHand);
      return true;
    }
    if (!container.status().isRunning()) {
      return false;
    }
    noteStop(container, byHand);
    CompletableFuture<Waiters.Outcome> exit = waiters.nextExit(container.id());
    if (container.status() == Status.PAUSED) {
      unpause(container);
    }
    String wanted = signal.isEmpty() ? stopSignal(container) : signal;
    send(container, wanted);
    events.tell(container, "kill", Map.of("signal", Signals.number(wanted)));
    if (!ends(container, exit, patienceSeconds(container.config(), seconds))) {
      send(container, "KILL");
      events.tell(container, "kill", Map.of("signal", "9"));
      if (!ends(container, exit, AFTER_KILL_SECONDS)) {
        throw EngineException.failed(
            "cannot stop container: %s: tried to kill container, but did not receive an exit event"
                .formatted(container.id()));
      }
    }
    events.tell(container, "stop");
    return true;
  }

  /**
   * How long a container may take to end.
   *
   * @param asked by the request, before what the container's configuration says; negative for as
   *     long as it likes
   */
  static long patienceSeconds(JsonNode config, OptionalLong asked) {
    long patience = asked.orElse(config.path("StopTimeout").asLong(USUAL_SECONDS));
    return patience < 0 ? Integer.MAX_VALUE : patience;
  }

  private void noteStop(DockerContainer container, boolean byHand) throws IOException {
    if (byHand) {
      container.setStoppedByHand(true);
      records.write(container);
    }
  }

  private static boolean ends(
      DockerContainer container, CompletableFuture<Waiters.Outcome> exit, long seconds)
      throws InterruptedException {
    if (!container.status().isRunning()) {
      return true;
    }
    try {
      exit.get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return !container.status().isRunning();
    } catch (ExecutionException e) {
      return true;
    }
  }

  private static String stopSignal(DockerContainer container) {
    String own = container.config().path("StopSignal").asText("");
    return own.isEmpty() ? "TERM" : own;
  }

  /** Sends a signal; one that ends it for good counts as a stop by hand. */
  void kill(DockerContainer container, String signal)
      throws EngineException, IOException, InterruptedException {
    String number = Signals.number(signal);
    if (!container.status().isRunning()) {
      if (lifecycle.cancelRestart(container)) {
        noteStop(container, true);
        return;
      }
      throw EngineException.conflict(
          "cannot kill container: %s: container %s is not running"
              .formatted(container.name(), container.id()));
    }
    boolean kills = number.equals("9");
    if (kills || number.equals(Signals.number(stopSignal(container)))) {
      noteStop(container, true);
    }
    CompletableFuture<Waiters.Outcome> exit = waiters.nextExit(container.id());
    send(container, signal);
    events.tell(container, "kill", Map.of("signal", number));
    if (kills && !ends(container, exit, AFTER_KILL_SECONDS)) {
      throw EngineException.failed(
          "cannot kill container: " + container.name() + ": it has not ended after SIGKILL");
    }
  }

  private void send(DockerContainer container, String signal) throws EngineException {
    try {
      runtime
          .containers()
          .kill(
              KillRequest.newBuilder()
                  .setContainerId(container.runtimeId())
                  .setSignal(signal)
                  .build());
    } catch (StatusRuntimeException e) {
      switch (e.getStatus().getCode()) {
        case NOT_FOUND, FAILED_PRECONDITION -> {
          // It has ended by itself.
        }
        case UNIMPLEMENTED -> sendByCri(container, signal);
        default -> throw e;
      }
    }
  }

  /** For runtimes that are no gantry: they know two ways of ending a container. */
  private void sendByCri(DockerContainer container, String signal) throws EngineException {
    int seconds =
        switch (Signals.number(signal)) {
          case "9" -> 0;
          case "15" -> USUAL_SECONDS;
          default -> throw EngineException.notImplemented("this runtime cannot send " + signal);
        };
    runtime
        .pods()
        .stopContainer(
            StopContainerRequest.newBuilder()
                .setContainerId(container.runtimeId())
                .setTimeout(seconds)
                .build());
  }

  void pause(DockerContainer container) throws EngineException, IOException {
    container.lock().lock();
    try {
      if (container.status() == Status.PAUSED) {
        throw EngineException.conflict("container " + container.id() + " is already paused");
      }
      if (container.status() != Status.RUNNING) {
        throw EngineException.conflict("container " + container.id() + " is not running");
      }
      runtime
          .containers()
          .pause(PauseRequest.newBuilder().setContainerId(container.runtimeId()).build());
      container.setStatus(Status.PAUSED);
      records.write(container);
    } finally {
      container.lock().unlock();
    }
    events.tell(container, "pause");
  }

  void unpause(DockerContainer container) throws EngineException, IOException {
    container.lock().lock();
    try {
      if (container.status() != Status.PAUSED) {
        throw EngineException.conflict("container " + container.id() + " is not paused");
      }
      runtime
          .containers()
          .unpause(UnpauseRequest.newBuilder().setContainerId(container.runtimeId()).build());
      container.setStatus(Status.RUNNING);
      records.write(container);
    } finally {
      container.lock().unlock();
    }
    events.tell(container, "unpause");
  }
}
