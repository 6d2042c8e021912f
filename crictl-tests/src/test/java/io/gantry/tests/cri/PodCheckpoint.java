package io.gantry.tests.cri;

import io.gantry.proto.cri.v1.CheckpointPodRequest;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.RestorePodRequest;
import java.nio.file.Path;
import java.util.List;

/** Requests for a pod's checkpoint, which no crictl sends yet. */
public final class PodCheckpoint {

  private PodCheckpoint() {}

  public static CheckpointPodRequest.Builder save(String pod, Path output, String... containers) {
    return CheckpointPodRequest.newBuilder()
        .setPodSandboxId(pod)
        .setOutputPath(output.toString())
        .addAllContainerIds(List.of(containers));
  }

  public static RestorePodRequest.Builder restore(
      Path from, PodSandboxConfig config, List<ContainerConfig> containers) {
    return RestorePodRequest.newBuilder()
        .setCheckpointPath(from.toString())
        .setConfig(config)
        .addAllContainerConfigs(containers);
  }
}
