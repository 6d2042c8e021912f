package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.EventPublisher.timestamp;

import io.gantry.proto.task.v3.DeleteResponse;
import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.container.ContainerException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The {@code delete} action: kills and removes what a shim that is gone has left of a container.
 */
final class DeleteAction {
  // What runc's shim reports, since SIGKILL is what ended whatever was left.
  private static final int KILLED = 137;

  private final ContainerEngine engine;

  DeleteAction(ContainerEngine engine) {
    this.engine = engine;
  }

  /** What to print. */
  byte[] run(String id, Path bundle) throws ContainerException {
    engine.cleanUp(id, bundle);
    return DeleteResponse.newBuilder()
        .setExitStatus(KILLED)
        .setExitedAt(timestamp(Instant.now()))
        .build()
        .toByteArray();
  }
}
