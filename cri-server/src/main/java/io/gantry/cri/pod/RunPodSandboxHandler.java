package io.gantry.cri.pod;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxResponse;
import java.io.IOException;

/** Makes a pod. */
final class RunPodSandboxHandler implements Handler<RunPodSandboxRequest, RunPodSandboxResponse> {
  private final PodRuns runs;

  RunPodSandboxHandler(PodRuns runs) {
    this.runs = runs;
  }

  @Override
  public RunPodSandboxResponse handle(RunPodSandboxRequest request)
      throws IOException, InterruptedException {
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(runs.run(request)).build();
  }
}
