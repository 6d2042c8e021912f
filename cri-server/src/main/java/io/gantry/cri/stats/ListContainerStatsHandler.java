package io.gantry.cri.stats;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.State;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ContainerStatsFilter;
import io.gantry.proto.cri.v1.ListContainerStatsRequest;
import io.gantry.proto.cri.v1.ListContainerStatsResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ListContainerStats: of those that run. */
public final class ListContainerStatsHandler
    implements Handler<ListContainerStatsRequest, ListContainerStatsResponse> {
  private static final Logger log = LoggerFactory.getLogger(ListContainerStatsHandler.class);

  private final Containers containers;
  private final ContainerUsage usage;

  public ListContainerStatsHandler(Containers containers, ContainerUsage usage) {
    this.containers = containers;
    this.usage = usage;
  }

  @Override
  public ListContainerStatsResponse handle(ListContainerStatsRequest request) {
    ContainerStatsFilter filter = request.getFilter();
    ListContainerStatsResponse.Builder response = ListContainerStatsResponse.newBuilder();
    for (Container container : containers.list()) {
      if (container.state() instanceof State.Running && matches(filter, container.record())) {
        try {
          response.addStats(usage.of(container));
        } catch (IOException e) {
          // It has ended meanwhile, most likely; the others count all the same.
          log.atDebug()
              .setCause(e)
              .addKeyValue("container", container.id())
              .log("container not measured");
        }
      }
    }
    return response.build();
  }

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
