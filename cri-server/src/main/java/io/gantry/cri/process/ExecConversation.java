package io.gantry.cri.process;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.ConversationHandler;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.session.ContainerStreams;
import io.gantry.cri.session.WantedStreams;
import io.gantry.cri.spec.FurtherProcess;
import io.gantry.proto.v1.ExecStart;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.ProcessOutput;

/** Exec: a program in a container with the caller at its streams. */
final class ExecConversation implements ConversationHandler<ProcessInput, ProcessOutput> {
  private final ContainerStreams streams;

  ExecConversation(ContainerStreams streams) {
    this.streams = streams;
  }

  @Override
  public void handle(Incoming<ProcessInput> incoming, Answers<ProcessOutput> answers)
      throws Exception {
    ProcessInput first =
        incoming
            .next()
            .filter(ProcessInput::hasExec)
            .orElseThrow(
                () -> CriException.invalid("exec: the first message does not say what to execute"));
    ExecStart start = first.getExec();
    String id = ProcessRpcs.required("exec in", start.getContainerId());
    FurtherProcess process =
        new FurtherProcess(
            start.getCommandList(),
            start.getEnvironmentList(),
            start.getUser(),
            start.getWorkingDirectory(),
            start.getPrivileged(),
            start.getTerminal());
    // A terminal's output is all stdout, however it is asked for.
    WantedStreams wanted =
        new WantedStreams(
            start.getStdin(),
            start.getStdout() || start.getTerminal() && start.getStderr(),
            start.getStderr() && !start.getTerminal());
    SessionTalk talk = new SessionTalk("exec in container " + id, incoming, answers);
    talk.run(
        output -> streams.exec(id, process, wanted, start.getDetached(), output),
        start.hasSize() ? start.getSize() : null);
  }
}
