package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.RemoveContainerResponse;
import java.util.Optional;

/** RemoveContainer. Removing what is not there succeeds; what runs is killed first. */
public final class RemoveContainerHandler
    implements Handler<RemoveContainerRequest, RemoveContainerResponse> {
  private final Containers containers;
  private final Removal removal;

  RemoveContainerHandler(Containers containers, Removal removal) {
    this.containers = containers;
    this.removal = removal;
  }

  @Override
  public RemoveContainerResponse handle(RemoveContainerRequest request) throws Exception {
    if (request.getContainerId().isEmpty()) {
      throw CriException.invalid("remove container: no container_id");
    }
    Optional<Container> container = containers.find(request.getContainerId());
    if (container.isPresent()) {
      removal.remove(container.get());
    }
    return RemoveContainerResponse.getDefaultInstance();
  }
}
