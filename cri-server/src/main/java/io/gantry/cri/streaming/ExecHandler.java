package io.gantry.cri.streaming;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.streaming.command.Command;
import io.gantry.cri.streaming.process.ExecCommand;
import io.gantry.cri.streaming.process.ProcessStreams;
import io.gantry.cri.streaming.process.StreamSet;
import io.gantry.proto.cri.v1.ExecRequest;
import io.gantry.proto.cri.v1.ExecResponse;

/** Exec: promises a process in a container to whoever comes to the URL. */
public final class ExecHandler implements Handler<ExecRequest, ExecResponse> {
  private final StreamingServer server;
  private final ProcessStreams processes;

  public ExecHandler(StreamingServer server, ProcessStreams processes) {
    this.server = server;
    this.processes = processes;
  }

  @Override
  public ExecResponse handle(ExecRequest request) {
    RequestChecks.containerId("exec", request.getContainerId());
    StreamSet streams =
        RequestChecks.streams(
            "exec in container " + request.getContainerId(),
            request.getTty(),
            request.getStdin(),
            request.getStdout(),
            request.getStderr());
    if (request.getCmdCount() == 0) {
      throw CriException.invalid("exec in container " + request.getContainerId() + ": no command");
    }
    ExecCommand command =
        new ExecCommand(processes.running(request.getContainerId()), request.getCmdList(), streams);
    String url =
        server.promise(
            new Command(
                Command.Kind.EXEC,
                command.containerId(),
                streams,
                output -> processes.exec(command, output)));
    return ExecResponse.newBuilder().setUrl(url).build();
  }
}
