package io.gantry.cri.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;

/**
 * The answering side of one call, between the transport's callbacks and the handler's thread. The
 * handler sends and closes; callbacks wake it up.
 */
final class CallAnswers<Q, R> implements Answers<R> {
  private final ServerCall<Q, R> call;
  private final Metadata headers;
  private final Metadata trailers = new Metadata();
  private final Object wake = new Object();

  private boolean headersSent; // Confined to the handler's thread.
  private long sent; // Confined to the handler's thread.
  private boolean cancelled; // Guarded by wake.
  private boolean completed; // Guarded by wake.
  private Thread handler; // Guarded by wake.

  CallAnswers(ServerCall<Q, R> call, Metadata headers) {
    this.call = call;
    this.headers = headers;
  }

  /** The transport takes more. */
  void ready() {
    synchronized (wake) {
      wake.notifyAll();
    }
  }

  /** The caller is gone. */
  void cancel() {
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

  /** The call was closed already. */
  void completed() {
    synchronized (wake) {
      completed = true;
    }
  }

  /** Ends the call; does nothing but tell the transport if the caller is gone. */
  void close(Status status) {
    synchronized (wake) {
      if (completed) {
        return;
      }
    }
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
