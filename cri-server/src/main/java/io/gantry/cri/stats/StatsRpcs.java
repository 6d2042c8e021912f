package io.gantry.cri.stats;

import io.gantry.cri.container.Containers;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import java.nio.file.Path;

/** Gives every RPC about what is used its handler. */
public final class StatsRpcs {
  private StatsRpcs() {}

  /**
   * @param layersDirectory where writable layers lie, as ImageFsInfo names it too
   */
  public static void register(
      RpcService runtime,
      Pods pods,
      Containers containers,
      Sampler sampler,
      PodSampler podSampler,
      Path layersDirectory) {
    StatsMessages messages = new StatsMessages(layersDirectory.toString());
    var ofContainers = new ListContainerStatsHandler(containers, sampler, messages);
    var ofPods = new ListPodSandboxStatsHandler(pods, podSampler, messages);
    runtime
        .handle(
            RuntimeServiceGrpc.getContainerStatsMethod(),
            new ContainerStatsHandler(containers, sampler, messages))
        .handle(RuntimeServiceGrpc.getListContainerStatsMethod(), ofContainers)
        .stream(RuntimeServiceGrpc.getStreamContainerStatsMethod(), ofContainers)
        .handle(
            RuntimeServiceGrpc.getPodSandboxStatsMethod(),
            new PodSandboxStatsHandler(pods, podSampler, messages))
        .handle(RuntimeServiceGrpc.getListPodSandboxStatsMethod(), ofPods)
        .stream(RuntimeServiceGrpc.getStreamPodSandboxStatsMethod(), ofPods);
  }
}
