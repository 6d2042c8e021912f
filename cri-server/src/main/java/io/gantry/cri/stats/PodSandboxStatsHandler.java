package io.gantry.cri.stats;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.PodSandboxStatsRequest;
import io.gantry.proto.cri.v1.PodSandboxStatsResponse;
import java.io.IOException;

/** PodSandboxStats. */
final class PodSandboxStatsHandler
    implements Handler<PodSandboxStatsRequest, PodSandboxStatsResponse> {
  private final Pods pods;
  private final PodSampler sampler;
  private final StatsMessages messages;

  PodSandboxStatsHandler(Pods pods, PodSampler sampler, StatsMessages messages) {
    this.pods = pods;
    this.sampler = sampler;
    this.messages = messages;
  }

  @Override
  public PodSandboxStatsResponse handle(PodSandboxStatsRequest request)
      throws IOException, InterruptedException {
    String id = request.getPodSandboxId();
    Pod pod =
        pods.find(id).orElseThrow(() -> CriException.notFound("pod " + id + " does not exist"));
    return PodSandboxStatsResponse.newBuilder().setStats(messages.of(sampler.of(pod))).build();
  }
}
