package io.gantry.docker.engine.image;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A call that streams to the daemon, no faster than the daemon takes it. Used by one thread; may be
 * cancelled by any.
 */
final class Upload<Q, R> extends ClientCall.Listener<R> {

  private final ClientCall<Q, R> call;
  // All guarded by this.
  private final Deque<R> answers = new ArrayDeque<>();
  private Optional<Status> end = Optional.empty();

  Upload(Channel channel, MethodDescriptor<Q, R> method) {
    call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(this, new Metadata());
    call.request(1);
  }

  /** Answers are few and small, and a daemon that waited for us to take them would take no more. */
  @Override
  public void onMessage(R answer) {
    synchronized (this) {
      answers.add(answer);
      notifyAll();
    }
    call.request(1);
  }

  @Override
  public synchronized void onReady() {
    notifyAll();
  }

  @Override
  public synchronized void onClose(Status status, Metadata trailers) {
    end = Optional.of(status);
    notifyAll();
  }

  /** Ends the call; the daemon undoes what it has done. */
  void cancel() {
    call.cancel("the client is gone", null);
  }

  /**
   * Sends one message, once those before are on their way.
   *
   * @return false if the daemon takes no more, for which {@link #next} tells the reason
   */
  boolean send(Q message) throws InterruptedException {
    synchronized (this) {
      while (end.isEmpty() && !call.isReady()) {
        wait();
      }
      if (end.isPresent()) {
        return false;
      }
    }
    call.sendMessage(message);
    return true;
  }

  void halfClose() {
    call.halfClose();
  }

  /**
   * Waits for the next answer.
   *
   * @return nothing once there are no more
   * @throws StatusRuntimeException if the call has failed
   */
  synchronized Optional<R> next() throws InterruptedException {
    while (answers.isEmpty() && end.isEmpty()) {
      wait();
    }
    R answer = answers.poll();
    if (answer == null && !end.get().isOk()) {
      throw end.get().asRuntimeException();
    }
    return Optional.ofNullable(answer);
  }
}
