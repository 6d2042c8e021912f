package io.gantry.cri.checkpoint;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.CheckpointContainerRequest;
import io.gantry.proto.cri.v1.CheckpointContainerResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** CheckpointContainer: saves a running container into an archive; it runs on. */
public final class CheckpointContainerHandler
    implements Handler<CheckpointContainerRequest, CheckpointContainerResponse> {
  private final ContainerCheckpoints checkpoints;

  public CheckpointContainerHandler(ContainerCheckpoints checkpoints) {
    this.checkpoints = checkpoints;
  }

  @Override
  public CheckpointContainerResponse handle(CheckpointContainerRequest request) throws Exception {
    Path location = location(request.getLocation());
    if (request.getTimeout() < 0) {
      throw CriException.invalid("timeout " + request.getTimeout() + " is negative");
    }
    TimeLimit limit =
        TimeLimit.of("checkpoint container " + request.getContainerId(), request.getTimeout());
    checkpoints.save(request.getContainerId(), location, limit);
    return CheckpointContainerResponse.getDefaultInstance();
  }

  private static Path location(String text) {
    Path location;
    try {
      location = Path.of(text);
    } catch (InvalidPathException e) {
      throw CriException.invalid("location is not a path: " + e.getReason());
    }
    if (!location.isAbsolute() || location.getFileName() == null) {
      throw CriException.invalid(
          "location \"" + text + "\": an absolute path of an archive to write is needed");
    }
    if (!Files.isDirectory(location.getParent())) {
      throw CriException.invalid(
          "location %s: %s is not a directory".formatted(text, location.getParent()));
    }
    if (Files.isDirectory(location)) {
      throw CriException.invalid("location " + text + " is a directory");
    }
    return location;
  }
}
