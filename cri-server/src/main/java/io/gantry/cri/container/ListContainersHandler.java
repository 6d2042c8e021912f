package io.gantry.cri.container;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ContainerFilter;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListContainersResponse;

/** ListContainers. */
public final class ListContainersHandler
    implements Handler<ListContainersRequest, ListContainersResponse> {
  private final Containers containers;

  ListContainersHandler(Containers containers) {
    this.containers = containers;
  }

  @Override
  public ListContainersResponse handle(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    ListContainersResponse.Builder response = ListContainersResponse.newBuilder();
    for (Container container : containers.list()) {
      // One reading, so that what is matched is what is shown.
      ContainerRecord record = container.record();
      if (matches(filter, record)) {
        response.addContainers(ContainerView.inList(record));
      }
    }
    return response.build();
  }

  /** Every condition given must hold; ids match by their beginning, labels all and exactly. */
  private static boolean matches(ContainerFilter filter, ContainerRecord record) {
    return record.id().startsWith(filter.getId())
        && record.podId().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || record.state().name() == filter.getState().getState())
        && record
            .config()
            .getLabelsMap()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
