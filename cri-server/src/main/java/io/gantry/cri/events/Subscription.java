package io.gantry.cri.events;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * One client's place in the row of events. What waits for it is bounded: a client that falls behind
 * is told so, and where it can go on. The feed offers, one thread takes.
 */
final class Subscription implements AutoCloseable {
  /** Some MB at most; a burst of a whole node's pods is less. */
  static final int MOST_WAITING = 2000;

  private final EventFeed feed;
  private final long from;
  private final long published;
  private final Deque<Event> waiting = new ArrayDeque<>(); // Guarded by this.
  private Supplier<CriException> end; // Guarded by this; null while it goes on.
  private long taken; // Confined to the taking thread.

  /**
   * @param from the event after which to begin
   * @param published the newest event there was; later ones are offered
   */
  Subscription(EventFeed feed, long from, long published) {
    this.feed = feed;
    this.from = from;
    this.published = published;
    this.taken = from;
  }

  /** The number of the event before the first one. */
  long from() {
    return from;
  }

  /** The number of the last event taken. */
  long taken() {
    return taken;
  }

  /** Takes an event. */
  @FunctionalInterface
  interface Taker {
    void take(Event event) throws InterruptedException;
  }

  /**
   * Takes all events, for ever.
   *
   * @throws CriException GONE if some are no longer kept, EXHAUSTED if the taker was too slow,
   *     UNAVAILABLE when the feed ends
   */
  void run(Taker taker) throws IOException, InterruptedException {
    boolean complete =
        feed.read(
            from + 1,
            published,
            event -> {
              take(taker, event);
              return true;
            });
    if (!complete) {
      throw new CriException(
          Failure.GONE,
          "events after %d are no longer all kept; list pods and containers, and go on from now"
              .formatted(taken));
    }
    while (true) {
      take(taker, next());
    }
  }

  private void take(Taker taker, Event event) throws InterruptedException {
    taker.take(event);
    taken = event.number();
  }

  private synchronized Event next() throws InterruptedException {
    while (waiting.isEmpty() || end != null) {
      if (end != null) {
        throw end.get();
      }
      wait();
    }
    return waiting.remove();
  }

  synchronized void offer(List<Event> events) {
    if (end != null) {
      return;
    }
    if (waiting.size() + events.size() > MOST_WAITING) {
      end(this::fellBehind);
    } else {
      waiting.addAll(events);
      notifyAll();
    }
  }

  private CriException fellBehind() {
    return new CriException(
        Failure.EXHAUSTED,
        "the client has fallen more than %d events behind; the last one sent is %d: a new call with the header %s: %d brings the rest"
            .formatted(MOST_WAITING, taken, ContainerEventsHandler.AFTER, taken));
  }

  synchronized void end(Supplier<CriException> why) {
    end = why;
    waiting.clear();
    notifyAll();
  }

  @Override
  public void close() {
    feed.unsubscribe(this);
  }
}
