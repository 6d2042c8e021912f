package io.gantry.cri.process;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.ConversationHandler;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.session.ContainerStreams;
import io.gantry.cri.session.WantedStreams;
import io.gantry.proto.v1.AttachStart;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.ProcessOutput;

/** Attach: the caller at the streams of a container's first process. */
final class AttachConversation implements ConversationHandler<ProcessInput, ProcessOutput> {
  private final ContainerStreams streams;

  AttachConversation(ContainerStreams streams) {
    this.streams = streams;
  }

  @Override
  public void handle(Incoming<ProcessInput> incoming, Answers<ProcessOutput> answers)
      throws Exception {
    ProcessInput first =
        incoming
            .next()
            .filter(ProcessInput::hasAttach)
            .orElseThrow(
                () ->
                    CriException.invalid(
                        "attach: the first message does not say what to attach to"));
    AttachStart start = first.getAttach();
    String id = ProcessRpcs.required("attach to", start.getContainerId());
    WantedStreams wanted =
        new WantedStreams(start.getStdin(), start.getStdout(), start.getStderr());
    if (wanted.none()) {
      throw CriException.invalid(
          "attach to container " + id + ": none of stdin, stdout and stderr is asked for");
    }
    new SessionTalk("attach to container " + id, incoming, answers)
        .run(output -> streams.attachAlways(id, wanted, output), null);
  }
}
