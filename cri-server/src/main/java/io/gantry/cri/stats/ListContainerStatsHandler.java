package io.gantry.cri.stats;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.Containers;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.ContainerStatsFilter;
import io.gantry.proto.cri.v1.ListContainerStatsRequest;
import io.gantry.proto.cri.v1.ListContainerStatsResponse;
import io.gantry.proto.cri.v1.StreamContainerStatsRequest;
import io.gantry.proto.cri.v1.StreamContainerStatsResponse;
import java.util.List;

/** ListContainerStats and StreamContainerStats: of those that run. */
final class ListContainerStatsHandler
    implements Handler<ListContainerStatsRequest, ListContainerStatsResponse>,
        StreamHandler<StreamContainerStatsRequest, StreamContainerStatsResponse> {
  private final Containers containers;
  private final Sampler sampler;
  private final StatsMessages messages;

  ListContainerStatsHandler(Containers containers, Sampler sampler, StatsMessages messages) {
    this.containers = containers;
    this.sampler = sampler;
    this.messages = messages;
  }

  @Override
  public ListContainerStatsResponse handle(ListContainerStatsRequest request)
      throws InterruptedException {
    return ListContainerStatsResponse.newBuilder().addAllStats(found(request.getFilter())).build();
  }

  @Override
  public void handle(
      StreamContainerStatsRequest request, Answers<StreamContainerStatsResponse> answers)
      throws InterruptedException {
    Batches.send(
        found(request.getFilter()),
        batch -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(batch).build(),
        answers);
  }

  private List<ContainerStats> found(ContainerStatsFilter filter) throws InterruptedException {
    List<Container> matching =
        containers.list().stream()
            .filter(container -> matches(filter, container.record()))
            .toList();
    return sampler.running(matching).stream().map(messages::of).toList();
  }

  /** Every condition given must hold; ids match by their beginning, labels all and exactly. */
  private static boolean matches(ContainerStatsFilter filter, ContainerRecord record) {
    return record.id().startsWith(filter.getId())
        && record.podId().startsWith(filter.getPodSandboxId())
        && record
            .config()
            .getLabelsMap()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
