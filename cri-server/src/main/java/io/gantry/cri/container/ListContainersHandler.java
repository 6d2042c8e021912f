package io.gantry.cri.container;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.proto.cri.v1.ContainerFilter;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListContainersResponse;
import io.gantry.proto.cri.v1.StreamContainersRequest;
import io.gantry.proto.cri.v1.StreamContainersResponse;
import java.util.ArrayList;
import java.util.List;

/** ListContainers, and StreamContainers, which answers the same in batches. */
public final class ListContainersHandler
    implements Handler<ListContainersRequest, ListContainersResponse>,
        StreamHandler<StreamContainersRequest, StreamContainersResponse> {
  private final Containers containers;

  ListContainersHandler(Containers containers) {
    this.containers = containers;
  }

  @Override
  public ListContainersResponse handle(ListContainersRequest request) {
    return ListContainersResponse.newBuilder().addAllContainers(found(request.getFilter())).build();
  }

  @Override
  public void handle(StreamContainersRequest request, Answers<StreamContainersResponse> answers)
      throws InterruptedException {
    Batches.send(
        found(request.getFilter()),
        batch -> StreamContainersResponse.newBuilder().addAllContainers(batch).build(),
        answers);
  }

  private List<io.gantry.proto.cri.v1.Container> found(ContainerFilter filter) {
    List<io.gantry.proto.cri.v1.Container> found = new ArrayList<>();
    for (Container container : containers.list()) {
      // One reading, so that what is matched is what is shown.
      ContainerRecord record = container.record();
      if (matches(filter, record)) {
        found.add(ContainerView.inList(record));
      }
    }
    return found;
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
