package io.gantry.cri.pod;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.proto.cri.v1.StopPodSandboxResponse;
import java.io.IOException;

/** Stops a pod; one that is unknown or stopped already is stopped. */
final class StopPodSandboxHandler
    implements Handler<StopPodSandboxRequest, StopPodSandboxResponse> {
  private final PodLifecycle lifecycle;

  StopPodSandboxHandler(PodLifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  @Override
  public StopPodSandboxResponse handle(StopPodSandboxRequest request)
      throws IOException, InterruptedException {
    lifecycle.stop(request.getPodSandboxId());
    return StopPodSandboxResponse.getDefaultInstance();
  }
}
