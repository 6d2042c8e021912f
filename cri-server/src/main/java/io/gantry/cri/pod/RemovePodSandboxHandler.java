package io.gantry.cri.pod;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxResponse;
import java.io.IOException;

/** Removes a pod with its containers, running or not; one that is unknown is removed. */
final class RemovePodSandboxHandler
    implements Handler<RemovePodSandboxRequest, RemovePodSandboxResponse> {
  private final PodLifecycle lifecycle;

  RemovePodSandboxHandler(PodLifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  @Override
  public RemovePodSandboxResponse handle(RemovePodSandboxRequest request)
      throws IOException, InterruptedException {
    lifecycle.remove(request.getPodSandboxId());
    return RemovePodSandboxResponse.getDefaultInstance();
  }
}
