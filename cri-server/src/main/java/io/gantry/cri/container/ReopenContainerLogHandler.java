package io.gantry.cri.container;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ReopenContainerLogRequest;
import io.gantry.proto.cri.v1.ReopenContainerLogResponse;
import java.io.IOException;

/** ReopenContainerLog: the kubelet has moved the log away and wants a new one at its path. */
public final class ReopenContainerLogHandler
    implements Handler<ReopenContainerLogRequest, ReopenContainerLogResponse> {
  private final RunningContainers running;

  ReopenContainerLogHandler(RunningContainers running) {
    this.running = running;
  }

  @Override
  public ReopenContainerLogResponse handle(ReopenContainerLogRequest request) throws IOException {
    RunningContainers.Found found = running.get(request.getContainerId());
    if (found.container().record().logPath().isPresent()) {
      found.shim().reopenLog(found.container().id());
    }
    return ReopenContainerLogResponse.getDefaultInstance();
  }
}
