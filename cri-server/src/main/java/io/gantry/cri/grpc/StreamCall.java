package io.gantry.cri.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** One call of a server-streaming RPC: its handler begins when the request is there. */
final class StreamCall<Q, R> extends ServerCall.Listener<Q> {
  private final ServerCall<Q, R> call;
  private final Work<Q, R> work;
  private final CallAnswers<Q, R> answers;

  private Q request;
  private boolean halfClosed;

  /** Has the handler run, on a thread of its own. */
  @FunctionalInterface
  interface Work<Q, R> {
    void begin(Q request, CallAnswers<Q, R> answers);
  }

  StreamCall(ServerCall<Q, R> call, Metadata headers, Work<Q, R> work) {
    this.call = call;
    this.work = work;
    this.answers = new CallAnswers<>(call, headers);
    // Two: the second lets the transport tell that there is none (as io.grpc.stub does).
    call.request(2);
  }

  @Override
  public void onMessage(Q message) {
    request = message;
  }

  @Override
  public void onHalfClose() {
    if (halfClosed) {
      return;
    }
    halfClosed = true;
    if (request == null) {
      call.close(
          Status.INTERNAL.withDescription("the request came without a message"), new Metadata());
    } else {
      work.begin(request, answers);
    }
  }

  @Override
  public void onReady() {
    answers.ready();
  }

  @Override
  public void onCancel() {
    answers.cancel();
  }
}
