package io.gantry.cri.stats;

import io.gantry.cri.container.Containers;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ContainerStatsRequest;
import io.gantry.proto.cri.v1.ContainerStatsResponse;
import java.io.IOException;

/** ContainerStats. */
public final class ContainerStatsHandler
    implements Handler<ContainerStatsRequest, ContainerStatsResponse> {
  private final Containers containers;
  private final ContainerUsage usage;

  public ContainerStatsHandler(Containers containers, ContainerUsage usage) {
    this.containers = containers;
    this.usage = usage;
  }

  @Override
  public ContainerStatsResponse handle(ContainerStatsRequest request) throws IOException {
    return ContainerStatsResponse.newBuilder()
        .setStats(usage.of(containers.get(request.getContainerId())))
        .build();
  }
}
