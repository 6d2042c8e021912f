package io.gantry.runtime.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.ttrpc.KeyValue;
import io.gantry.proto.ttrpc.Request;
import io.gantry.proto.ttrpc.Response;
import io.gantry.proto.ttrpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * One call as its handler sees it. Thread-safe. It is answered once: {@link #reply}, {@link
 * #finish} or {@link #fail}; later answers are dropped, so that a deadline or a lost connection may
 * race with the handler.
 */
public final class ServerCall {
  // As many as the reference implementation keeps for a stream.
  private static final int MAX_QUEUED_MESSAGES = 64;

  private final ServerConnection connection;
  private final int streamId;
  private final Request request;
  private final boolean streaming;

  private final Object lock = new Object();
  private final ArrayDeque<ByteString> incoming = new ArrayDeque<>(2); // guarded by lock
  private boolean clientDone; // guarded by lock
  private boolean ended; // guarded by lock
  private boolean aborted; // guarded by lock
  private List<Runnable> atAbort = List.of(); // guarded by lock
  private Delivery<?> delivery; // guarded by lock; null while messages wait to be asked for
  private boolean delivering; // guarded by lock
  private Future<?> timer; // guarded by lock; null while nothing limits the call

  ServerCall(ServerConnection connection, int streamId, Request request, byte flags) {
    this.connection = connection;
    this.streamId = streamId;
    this.request = request;
    this.streaming = flags != 0;
    this.clientDone = (flags & Frame.FLAG_REMOTE_OPEN) == 0;
    if (clientDone || !request.getPayload().isEmpty()) {
      incoming.add(request.getPayload());
    }
  }

  /** Short name of the method called. */
  public String method() {
    return request.getMethod();
  }

  String service() {
    return request.getService();
  }

  int streamId() {
    return streamId;
  }

  /**
   * The time the client allowed when it sent the call; empty means no limit. The server answers for
   * the handler when it is over.
   */
  public Optional<Duration> timeout() {
    long nanos = request.getTimeoutNano();
    return nanos > 0 ? Optional.of(Duration.ofNanos(nanos)) : Optional.empty();
  }

  /** First value of a metadata key (lower case). */
  public Optional<String> metadata(String key) {
    for (KeyValue entry : request.getMetadataList()) {
      if (entry.getKey().equals(key)) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }

  /** The argument of a call whose client sends one message. */
  public <T extends MessageLite> T argument(Parser<T> parser) throws IOException {
    return parser.parseFrom(request.getPayload());
  }

  /**
   * The next message of a streaming client, waiting for it; empty after the last.
   *
   * @throws TtrpcException CANCELLED when the call has ended meanwhile
   */
  public <T extends MessageLite> Optional<T> receive(Parser<T> parser)
      throws IOException, InterruptedException {
    ByteString message;
    synchronized (lock) {
      while (incoming.isEmpty() && !clientDone && !ended) {
        lock.wait();
      }
      if (incoming.isEmpty()) {
        if (ended) {
          throw new TtrpcException(TtrpcCode.CANCELLED, method() + ": the call has ended");
        }
        return Optional.empty();
      }
      message = incoming.poll();
    }
    return Optional.of(parser.parseFrom(message));
  }

  /**
   * Hands every further message of a streaming client to {@code receiver}, in order and one at a
   * time, and then its end. Messages come on the connection's reading thread, which the receiver
   * must not hold up: so the end of the connection is seen at once, whatever the handler waits for.
   * A message that cannot be parsed, and one that the receiver refuses by throwing, ends the call
   * as {@link #abort} does.
   */
  public <T extends MessageLite> void receive(Parser<T> parser, Receiver<T> receiver) {
    synchronized (lock) {
      delivery = new Delivery<>(parser, receiver);
    }
    deliver();
  }

  /** Takes the messages of one call; see {@link ServerCall#receive(Parser, Receiver)}. */
  public interface Receiver<T> {
    void message(T message) throws IOException;

    /** The client will send nothing more. Not called when the call has ended before. */
    void finished();
  }

  private record Delivery<T extends MessageLite>(Parser<T> parser, Receiver<T> receiver) {
    void message(ByteString bytes) throws IOException {
      receiver.message(parser.parseFrom(bytes));
    }
  }

  private void deliver() {
    synchronized (lock) {
      if (delivery == null || delivering) {
        return;
      }
      delivering = true;
    }
    while (true) {
      ByteString message;
      Delivery<?> to;
      synchronized (lock) {
        to = delivery;
        message = ended ? null : incoming.poll();
        if (message == null) {
          delivering = false;
          if (ended || !clientDone) {
            return;
          }
          delivery = null;
        }
      }
      if (message == null) {
        to.receiver().finished();
        return;
      }
      try {
        to.message(message);
      } catch (IOException e) {
        abort(e);
      }
    }
  }

  /**
   * Sends one message of a server stream; blocks while the client does not read.
   *
   * @throws TtrpcException CANCELLED when the call has ended already
   */
  public void send(MessageLite message) throws IOException {
    synchronized (lock) {
      if (ended) {
        throw new TtrpcException(TtrpcCode.CANCELLED, method() + ": the call has ended");
      }
    }
    connection.write(Frame.data(streamId, message.toByteArray()));
  }

  /** Ends the call with its single result. */
  public void reply(MessageLite message) {
    if (end()) {
      connection.answer(this, Response.newBuilder().setPayload(message.toByteString()).build());
    }
  }

  /** Ends a server stream after its last message. */
  public void finish() {
    if (end()) {
      connection.finish(this);
    }
  }

  /**
   * Ends the call without a result. {@link TtrpcException} carries its code; anything else is
   * UNKNOWN with its message.
   */
  public void fail(Throwable failure) {
    if (end()) {
      answer(failure);
    }
  }

  private void answer(Throwable failure) {
    TtrpcCode code = failure instanceof TtrpcException known ? known.code() : TtrpcCode.UNKNOWN;
    String words = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    Status status = Status.newBuilder().setCode(code.number()).setMessage(words).build();
    connection.answer(this, Response.newBuilder().setStatus(status).build());
  }

  /**
   * Runs {@code action} (once, short) when the call ends without its handler: connection lost,
   * deadline over, or the client broke the protocol.
   */
  public void whenAborted(Runnable action) {
    synchronized (lock) {
      if (!ended) {
        List<Runnable> more = new ArrayList<>(atAbort);
        more.add(action);
        atAbort = more;
        return;
      }
      if (!aborted) {
        return;
      }
    }
    action.run();
  }

  /** True once the call has been answered or aborted. */
  public boolean ended() {
    synchronized (lock) {
      return ended;
    }
  }

  boolean streaming() {
    return streaming;
  }

  /** The connection is gone: nobody will read an answer. */
  void abandon() {
    List<Runnable> actions = takeAborted();
    if (actions != null) {
      actions.forEach(Runnable::run);
    }
  }

  /**
   * Takes what will {@link #expire} this call, to cancel it with the call's end: until then it
   * holds on to the call and to all that its handler has at hand.
   */
  void limitedBy(Future<?> expiry) {
    synchronized (lock) {
      timer = expiry;
      if (ended) {
        cancelTimer();
      }
    }
  }

  /** Called with the lock held. */
  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** The client's time is over. */
  void expire() {
    abort(
        new TtrpcException(
            TtrpcCode.DEADLINE_EXCEEDED, service() + "/" + method() + ": deadline exceeded"));
  }

  /**
   * Ends the call without a result, as {@link #fail} does, though its handler may still be at work:
   * what that gave to {@link #whenAborted} is run.
   */
  public void abort(Throwable failure) {
    List<Runnable> actions = takeAborted();
    if (actions != null) {
      answer(failure);
      actions.forEach(Runnable::run);
    }
  }

  private List<Runnable> takeAborted() {
    synchronized (lock) {
      if (ended) {
        return null;
      }
      ended = true;
      aborted = true;
      cancelTimer();
      lock.notifyAll();
      return atAbort;
    }
  }

  private boolean end() {
    synchronized (lock) {
      if (ended) {
        return false;
      }
      ended = true;
      cancelTimer();
      lock.notifyAll();
      return true;
    }
  }

  /** A data frame has come; false when it cannot be taken because the handler does not keep up. */
  boolean offer(Frame frame) {
    synchronized (lock) {
      if (!frame.has(Frame.FLAG_NO_DATA)) {
        if (incoming.size() >= MAX_QUEUED_MESSAGES) {
          return false;
        }
        incoming.add(ByteString.copyFrom(frame.payload()));
      }
      clientDone |= frame.has(Frame.FLAG_REMOTE_CLOSED);
      lock.notifyAll();
    }
    deliver();
    return true;
  }

  boolean clientDone() {
    synchronized (lock) {
      return clientDone;
    }
  }
}
