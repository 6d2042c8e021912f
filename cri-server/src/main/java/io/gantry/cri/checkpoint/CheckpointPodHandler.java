package io.gantry.cri.checkpoint;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.CheckpointPodRequest;
import io.gantry.proto.cri.v1.CheckpointPodResponse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** CheckpointPod: saves a running pod into a directory; it runs on. */
public final class CheckpointPodHandler
    implements Handler<CheckpointPodRequest, CheckpointPodResponse> {
  private final PodCheckpoints checkpoints;

  public CheckpointPodHandler(PodCheckpoints checkpoints) {
    this.checkpoints = checkpoints;
  }

  @Override
  public CheckpointPodResponse handle(CheckpointPodRequest request) throws Exception {
    String asked = "checkpoint pod " + request.getPodSandboxId();
    TimeLimit limit = TimeLimit.ofCaller(asked);
    PodOptions.requireNone(asked, request.getOptionsMap());
    if (request.getContainerIdsCount() == 0) {
      throw CriException.invalid(asked + ": no containers are named");
    }
    Path output = PodOptions.directory("output_path", request.getOutputPath());
    requireEmpty(output);
    checkpoints.save(request.getPodSandboxId(), request.getContainerIdsList(), output, limit);
    return CheckpointPodResponse.getDefaultInstance();
  }

  private static void requireEmpty(Path output) throws IOException {
    try (DirectoryStream<Path> content = Files.newDirectoryStream(output)) {
      if (content.iterator().hasNext()) {
        throw CriException.invalid("output_path " + output + " is not empty");
      }
    }
  }
}
