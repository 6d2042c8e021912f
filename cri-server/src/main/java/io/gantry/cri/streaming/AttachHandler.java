package io.gantry.cri.streaming;

import io.gantry.cri.grpc.Handler;
import io.gantry.cri.streaming.command.Command;
import io.gantry.cri.streaming.process.AttachTarget;
import io.gantry.cri.streaming.process.ProcessStreams;
import io.gantry.cri.streaming.process.StreamSet;
import io.gantry.proto.cri.v1.AttachRequest;
import io.gantry.proto.cri.v1.AttachResponse;

/** Attach: promises the streams of a container's first process to whoever comes to the URL. */
public final class AttachHandler implements Handler<AttachRequest, AttachResponse> {
  private final StreamingServer server;
  private final ProcessStreams processes;

  public AttachHandler(StreamingServer server, ProcessStreams processes) {
    this.server = server;
    this.processes = processes;
  }

  @Override
  public AttachResponse handle(AttachRequest request) {
    RequestChecks.containerId("attach", request.getContainerId());
    StreamSet streams =
        RequestChecks.streams(
            "attach to container " + request.getContainerId(),
            request.getTty(),
            request.getStdin(),
            request.getStdout(),
            request.getStderr());
    AttachTarget target = new AttachTarget(processes.running(request.getContainerId()), streams);
    String url =
        server.promise(
            new Command(
                Command.Kind.ATTACH,
                target.containerId(),
                streams,
                output -> processes.attach(target, output)));
    return AttachResponse.newBuilder().setUrl(url).build();
  }
}
