package io.gantry.cri.container;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.proto.cri.v1.UpdateContainerResourcesResponse;

/** UpdateContainerResources: changes limits in place; what the request does not set stays. */
public final class UpdateContainerResourcesHandler
    implements Handler<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> {
  private final LimitChanges limits;

  UpdateContainerResourcesHandler(LimitChanges limits) {
    this.limits = limits;
  }

  @Override
  public UpdateContainerResourcesResponse handle(UpdateContainerResourcesRequest request)
      throws Exception {
    limits.ask(request.getContainerId(), request.getLinux());
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }
}
