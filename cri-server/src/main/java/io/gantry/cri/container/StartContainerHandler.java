package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.proto.cri.v1.StartContainerResponse;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * StartContainer. A program that cannot be started leaves the container ended, as if it had run and
 * failed.
 */
public final class StartContainerHandler
    implements Handler<StartContainerRequest, StartContainerResponse> {
  /** As shells and other runtimes say that a program did not start. */
  private static final int CODE_START_FAILED = 128;

  private static final Logger log = LoggerFactory.getLogger(StartContainerHandler.class);

  private final Pods pods;
  private final Containers containers;
  private final ExitWatch exits;
  private final ContainerEvents events;
  private final ContainerHooks hooks;
  private final Clock clock;

  StartContainerHandler(
      Pods pods,
      Containers containers,
      ExitWatch exits,
      ContainerEvents events,
      ContainerHooks hooks,
      Clock clock) {
    this.pods = pods;
    this.containers = containers;
    this.exits = exits;
    this.events = events;
    this.hooks = hooks;
    this.clock = clock;
  }

  @Override
  public StartContainerResponse handle(StartContainerRequest request) throws Exception {
    Container container = containers.get(request.getContainerId());
    try (Pods.Hold hold = pods.hold(container.record().podId());
        Container.Operation operation = container.begin()) {
      if (container.isRemoved()) {
        throw Containers.notFound(container.id());
      }
      if (!(container.state() instanceof State.Created)) {
        throw CriException.wrongState(
            "start container %s: it is in state %s, not CONTAINER_CREATED"
                .formatted(container.id(), container.state().name()));
      }
      int pid = start(operation);
      log.atInfo()
          .addKeyValue("container", container.id())
          .addKeyValue("pod", hold.pod().id())
          .addKeyValue("pid", pid)
          .log("container runs");
    }
    return StartContainerResponse.getDefaultInstance();
  }

  private int start(Container.Operation operation) throws IOException, InterruptedException {
    Container container = operation.container();
    ShimConnection shim =
        container
            .shim()
            .orElseThrow(
                () -> new IOException("container " + container.id() + " has lost its shim"));
    // Asked before: a short program ends before the answer comes, and must not end before it began.
    Instant startedAt = clock.instant();
    int pid;
    try {
      hooks.start(container.record());
      Phase.begins("shim: start");
      pid = shim.start(container.id());
    } catch (IOException failed) {
      exits.record(
          operation,
          new State.Exited(
              Optional.empty(),
              clock.instant(),
              CODE_START_FAILED,
              ExitReason.START_ERROR,
              failed.getMessage()));
      String words = "start container " + container.id() + ": " + failed.getMessage();
      throw failed instanceof TtrpcException answer
          ? new TtrpcException(answer.code(), words, answer)
          : new IOException(words, failed);
    }
    State.Running running = new State.Running(pid, startedAt);
    // Should the disk be full, recovery learns from the shim that it runs.
    containers.putFact(operation, container.record().with(running));
    events.happened(ContainerEventType.CONTAINER_STARTED_EVENT, container.record());
    exits.watch(container, shim);
    hooks.started(container.record());
    return pid;
  }
}
