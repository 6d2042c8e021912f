package io.gantry.cri.stats;

import io.gantry.cri.container.Containers;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ContainerStatsRequest;
import io.gantry.proto.cri.v1.ContainerStatsResponse;
import java.io.IOException;

/** ContainerStats. */
final class ContainerStatsHandler
    implements Handler<ContainerStatsRequest, ContainerStatsResponse> {
  private final Containers containers;
  private final Sampler sampler;
  private final StatsMessages messages;

  ContainerStatsHandler(Containers containers, Sampler sampler, StatsMessages messages) {
    this.containers = containers;
    this.sampler = sampler;
    this.messages = messages;
  }

  @Override
  public ContainerStatsResponse handle(ContainerStatsRequest request) throws IOException {
    return ContainerStatsResponse.newBuilder()
        .setStats(messages.of(sampler.of(containers.get(request.getContainerId()))))
        .build();
  }
}
