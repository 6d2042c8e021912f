package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.spec.Limits;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.proto.cri.v1.UpdateContainerResourcesResponse;
import io.gantry.runtime.oci.OciSpecWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** UpdateContainerResources: changes limits in place; what the request does not set stays. */
public final class UpdateContainerResourcesHandler
    implements Handler<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> {
  private final Containers containers;

  UpdateContainerResourcesHandler(Containers containers) {
    this.containers = containers;
  }

  @Override
  public UpdateContainerResourcesResponse handle(UpdateContainerResourcesRequest request)
      throws Exception {
    Container container = containers.get(request.getContainerId());
    try (Container.Operation operation = container.begin()) {
      update(operation, request.getLinux());
    }
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  private void update(Container.Operation operation, LinuxContainerResources change)
      throws IOException {
    Container container = operation.container();
    boolean alive =
        container.state() instanceof State.Created || container.state() instanceof State.Running;
    if (!alive) {
      throw CriException.wrongState(
          "update resources of container %s: container is in %s state"
              .formatted(container.id(), container.state().name()));
    }
    ShimConnection shim =
        container
            .shim()
            .orElseThrow(
                () -> new IOException("container " + container.id() + " has lost its shim"));
    ContainerRecord before = container.record();
    containers.put(operation, before.with(Limits.merge(before.resources(), change)));
    try {
      String limits = OciSpecWriter.toJson(Limits.of(change));
      shim.update(container.id(), limits.getBytes(StandardCharsets.UTF_8));
    } catch (IOException refused) {
      containers.putFact(operation, before);
      throw refused;
    }
  }
}
