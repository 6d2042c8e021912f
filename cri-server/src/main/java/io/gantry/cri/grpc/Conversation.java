package io.gantry.cri.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** One call of an RPC whose caller streams: its handler begins at once and takes what comes. */
final class Conversation<Q, R> extends ServerCall.Listener<Q> implements Incoming<Q> {

  /** A second message may come while the first is worked on. */
  private static final int AHEAD = 2;

  private final ServerCall<Q, R> call;
  private final CallAnswers<Q, R> answers;
  // All guarded by waiting.
  private final Deque<Q> waiting = new ArrayDeque<>();
  private boolean ended;
  private boolean gone;

  Conversation(ServerCall<Q, R> call, Metadata headers) {
    this.call = call;
    this.answers = new CallAnswers<>(call, headers);
    call.request(AHEAD);
  }

  CallAnswers<Q, R> answers() {
    return answers;
  }

  @Override
  public void onMessage(Q message) {
    synchronized (waiting) {
      waiting.add(message);
      waiting.notifyAll();
    }
  }

  @Override
  public void onHalfClose() {
    synchronized (waiting) {
      ended = true;
      waiting.notifyAll();
    }
  }

  @Override
  public void onReady() {
    answers.ready();
  }

  @Override
  public void onCancel() {
    noMore();
    answers.cancel();
  }

  /** Also when a message was malformed, for which the call was closed under the handler. */
  @Override
  public void onComplete() {
    noMore();
    answers.completed();
  }

  private void noMore() {
    synchronized (waiting) {
      gone = true;
      waiting.notifyAll();
    }
  }

  @Override
  public Optional<Q> next() throws InterruptedException {
    Q message;
    synchronized (waiting) {
      while (waiting.isEmpty() && !ended && !gone) {
        waiting.wait();
      }
      if (gone) {
        throw new InterruptedException("the caller is gone");
      }
      message = waiting.poll();
    }
    if (message == null) {
      return Optional.empty();
    }
    call.request(1);
    return Optional.of(message);
  }
}
