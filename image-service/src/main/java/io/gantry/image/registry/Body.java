package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An answer's body, taken in pieces by one thread, which waits for each piece a bounded time only.
 * The JDK's own streaming body can neither time out nor be woken, which is why this one exists. The
 * taker closes it.
 */
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {

  /** What the network side hands over. */
  private sealed interface Event {
    record Data(List<ByteBuffer> buffers) implements Event {}

    record End() implements Event {}

    record Broken(Throwable cause) implements Event {}

    record Stop() implements Event {}
  }

  // A second piece is asked for while the first is written to disk.
  private static final int AHEAD = 2;

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

  @Override
  public CompletionStage<Body> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (!subscription.complete(given)) {
      given.cancel();
      return;
    }
    given.request(AHEAD);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Event.Data(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event.Broken(cause));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }

  /**
   * Waits for the next piece.
   *
   * @return the piece, or an empty list at the end of the body
   * @throws HttpTimeoutException if nothing came for that long
   * @throws IOException if the connection broke
   * @throws ImageException CANCELLED if the work is to stop
   */
  List<ByteBuffer> next(Duration noProgressTimeout, Cancellation cancellation) throws IOException {
    cancellation.check();
    Event event;
    try {
      event =
          cancellation.wait(
              () -> events.add(new Event.Stop()),
              () -> events.poll(noProgressTimeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(CANCELLED, "interrupted", e);
    }
    if (event == null) {
      throw new HttpTimeoutException("no bytes came for " + noProgressTimeout.toMillis() + " ms");
    }
    if (event instanceof Event.Data data) {
      subscription.join().request(1);
      return data.buffers();
    }
    if (event instanceof Event.Broken broken) {
      throw new IOException("the connection broke: " + broken.cause().getMessage(), broken.cause());
    }
    cancellation.check();
    return List.of();
  }

  /**
   * The whole body, if it is not larger than the limit.
   *
   * @throws TooLarge if it is
   */
  byte[] readAll(int limitBytes, Patience patience, Cancellation cancellation) throws IOException {
    Pace pace = new Pace(patience);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      List<ByteBuffer> piece = next(patience.noProgressTimeout(), cancellation);
      pace.came(piece.stream().mapToLong(ByteBuffer::remaining).sum());
      if (piece.isEmpty()) {
        return all.toByteArray();
      }
      for (ByteBuffer buffer : piece) {
        if (buffer.remaining() > limitBytes - all.size()) {
          throw new TooLarge(limitBytes);
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        all.writeBytes(bytes);
      }
    }
  }

  /** A body that is larger than its reader takes. */
  static final class TooLarge extends IOException {
    TooLarge(int limitBytes) {
      super("the answer is larger than " + limitBytes + " bytes");
    }
  }

  /** Gives the connection up unless the body was read to its end. */
  @Override
  public void close() {
    if (!subscription.isDone()) {
      subscription.cancel(false);
      return;
    }
    if (!subscription.isCompletedExceptionally()) {
      subscription.join().cancel();
    }
  }
}
