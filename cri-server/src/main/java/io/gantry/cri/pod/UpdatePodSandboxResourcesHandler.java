package io.gantry.cri.pod;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesResponse;
import java.io.IOException;

/** UpdatePodSandboxResources: changes a pod's limits in place. */
final class UpdatePodSandboxResourcesHandler
    implements Handler<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse> {
  private final PodLimits limits;

  UpdatePodSandboxResourcesHandler(PodLimits limits) {
    this.limits = limits;
  }

  @Override
  public UpdatePodSandboxResourcesResponse handle(UpdatePodSandboxResourcesRequest request)
      throws IOException, InterruptedException {
    limits.update(request.getPodSandboxId(), request.getOverhead(), request.getResources());
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }
}
