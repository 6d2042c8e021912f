package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.StopContainerResponse;
import java.time.Duration;
import java.util.Optional;

/** StopContainer. Stopping what is not there, or does not run, succeeds. */
public final class StopContainerHandler
    implements Handler<StopContainerRequest, StopContainerResponse> {
  /** A year: longer ones are for ever, and would not fit other clocks' numbers. */
  private static final long LONGEST_SECONDS = 366L * 24 * 3600;

  private final Containers containers;
  private final Stopping stopping;

  StopContainerHandler(Containers containers, Stopping stopping) {
    this.containers = containers;
    this.stopping = stopping;
  }

  @Override
  public StopContainerResponse handle(StopContainerRequest request) throws Exception {
    if (request.getContainerId().isEmpty()) {
      throw CriException.invalid("stop container: no container_id");
    }
    Optional<Container> container = containers.find(request.getContainerId());
    if (container.isPresent()) {
      stopping.stop(container.get(), grace(request));
    }
    return StopContainerResponse.getDefaultInstance();
  }

  private static Duration grace(StopContainerRequest request) {
    return Duration.ofSeconds(Math.max(0, Math.min(request.getTimeout(), LONGEST_SECONDS)));
  }
}
