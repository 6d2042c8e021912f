package io.gantry.cri.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;

/**
 * One call of a server-streaming RPC, between the transport's callbacks and the handler's thread.
 * The handler sends and closes; callbacks wake it up.
 */
final class StreamCall<Q, R> extends ServerCall.Listener<Q> implements Answers<R> {
  private final ServerCall<Q, R> call;
  private final Metadata headers;
  private final Work<Q, R> work;
  private final Metadata trailers = new Metadata();
  private final Object wake = new Object();

  private Q request;
  private boolean halfClosed;
  private boolean headersSent; // Confined to the handler's thread.
  private long sent; // Confined to the handler's thread.
  private boolean cancelled; // Guarded by wake.
  private Thread handler; // Guarded by wake.

  /** Has the handler run, on a thread of its own. */
  @FunctionalInterface
  interface Work<Q, R> {
    void begin(Q request, StreamCall<Q, R> call);
  }

  StreamCall(ServerCall<Q, R> call, Metadata headers, Work<Q, R> work) {
    this.call = call;
    this.headers = headers;
    this.work = work;
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
      call.close(Status.INTERNAL.withDescription("the request came without a message"), trailers);
    } else {
      work.begin(request, this);
    }
  }

  @Override
  public void onReady() {
    synchronized (wake) {
      wake.notifyAll();
    }
  }

  @Override
  public void onCancel() {
    synchronized (wake) {
      cancelled = true;
      if (handler != null) {
        handler.interrupt();
      }
      wake.notifyAll();
    }
  }

  /** From here on the caller's going away interrupts this thread, which ends with the call. */
  void enter() {
    synchronized (wake) {
      handler = Thread.currentThread();
      if (cancelled) {
        handler.interrupt();
      }
    }
  }

  boolean isCancelled() {
    synchronized (wake) {
      return cancelled;
    }
  }

  /** How many messages were sent. */
  long sent() {
    return sent;
  }

  /** Ends the call; does nothing but tell the transport if the caller is gone. */
  void close(Status status) {
    call.close(status, trailers);
  }

  @Override
  public void send(R message) throws InterruptedException {
    synchronized (wake) {
      while (!cancelled && headersSent && !call.isReady()) {
        wake.wait();
      }
      if (cancelled) {
        throw new InterruptedException("the caller is gone");
      }
    }
    if (!headersSent) {
      sendHeaders(new Metadata());
    }
    call.sendMessage(message);
    sent++;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(key(name)));
  }

  @Override
  public void open(String headerName, String value) {
    Metadata metadata = new Metadata();
    metadata.put(key(headerName), value);
    sendHeaders(metadata);
  }

  private void sendHeaders(Metadata metadata) {
    call.sendHeaders(metadata);
    headersSent = true;
  }

  @Override
  public void trailer(String name, String value) {
    trailers.discardAll(key(name));
    trailers.put(key(name), value);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
