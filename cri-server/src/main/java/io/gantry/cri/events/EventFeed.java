package io.gantry.cri.events;

import io.gantry.cri.events.Stages.Stage;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerEventType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives events their numbers, has them written down, and hands them to those who listen, in this
 * order: a number that a client has seen survives a crash, so it never means another event.
 * Thread-safe; telling it of an event takes no time but for the lock.
 */
public final class EventFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);
  private static final int MOST_LISTENERS = 64;

  private final EventJournal journal;
  private final Thread writer;
  private final Object lock = new Object();

  /** Numbered and not yet written. Guarded by lock. */
  private List<Event> waiting = new ArrayList<>();

  private final Stages stages; // Guarded by lock; runs ahead of the journal's.
  private final Set<Subscription> listeners = new HashSet<>(); // Guarded by lock.
  private long numbered; // Guarded by lock.
  private long published; // Guarded by lock.
  private boolean closed; // Guarded by lock.

  private EventFeed(EventJournal journal) {
    this.journal = journal;
    this.stages = Stages.ofJson(journal.stages().toJson());
    this.numbered = journal.last();
    this.published = journal.last();
    this.writer = new Thread(this::write, "events");
    writer.setDaemon(true);
  }

  /** Opens the journal below a directory and begins to write. */
  public static EventFeed open(Path directory, Clock clock) throws IOException {
    EventFeed feed = new EventFeed(EventJournal.open(directory, clock));
    feed.writer.start();
    return feed;
  }

  /**
   * Tells that a pod or container has come so far, unless that was told before. Whoever has not
   * been told of its creation is told of that first.
   *
   * @param podId the pod it belongs to; a pod's own id for a pod
   * @param message makes the event's message; called in the order of events
   */
  void advance(String id, ContainerEventType to, Messages message) {
    synchronized (lock) {
      Optional<Stage> before = stages.of(id);
      boolean deleted = to == ContainerEventType.CONTAINER_DELETED_EVENT;
      if (before.isEmpty()) {
        if (deleted) {
          return; // Nobody has heard of it.
        }
        add(message.of(ContainerEventType.CONTAINER_CREATED_EVENT));
        if (to == ContainerEventType.CONTAINER_CREATED_EVENT) {
          return;
        }
      } else if (before.get().last().getNumber() >= to.getNumber()) {
        return;
      }
      add(message.of(to));
    }
  }

  /** Makes the message of an event. Must not block. */
  @FunctionalInterface
  interface Messages {
    ContainerEventResponse of(ContainerEventType type);
  }

  private void add(ContainerEventResponse message) {
    stages.add(message);
    waiting.add(new Event(++numbered, message));
    lock.notifyAll();
  }

  /** What has been told of, and how far it has come. */
  Map<String, Stage> known() {
    synchronized (lock) {
      return stages.all();
    }
  }

  /** Writes what waits, all of it at once, until the feed is closed. */
  private void write() {
    while (true) {
      List<Event> batch;
      synchronized (lock) {
        while (waiting.isEmpty() && !closed) {
          try {
            lock.wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
        if (waiting.isEmpty()) {
          return;
        }
        batch = waiting;
        waiting = new ArrayList<>();
      }
      try {
        journal.append(batch);
      } catch (IOException e) {
        log.atError()
            .setCause(e)
            .addKeyValue("events", batch.size())
            .log("events not written; who comes back for them will be told that they are lost");
      }
      publish(batch);
    }
  }

  private void publish(List<Event> batch) {
    synchronized (lock) {
      published = batch.get(batch.size() - 1).number();
      for (Subscription listener : listeners) {
        listener.offer(batch);
      }
      lock.notifyAll();
    }
  }

  /**
   * Listens from now on, or from after an event that was seen before.
   *
   * @throws CriException GONE if {@code after} is no number of this node's events, EXHAUSTED if too
   *     many listen
   */
  Subscription subscribe(OptionalLong after) {
    synchronized (lock) {
      long from = after.orElse(published);
      if (from > published) {
        throw new CriException(
            Failure.GONE,
            "events after %d: the newest one here is %d; list pods and containers, and go on from it"
                .formatted(from, published));
      }
      if (listeners.size() >= MOST_LISTENERS) {
        throw new CriException(
            Failure.EXHAUSTED, "%d clients listen to events already".formatted(MOST_LISTENERS));
      }
      Subscription subscription = new Subscription(this, from, published);
      if (closed) {
        subscription.end(stopping());
      }
      listeners.add(subscription);
      return subscription;
    }
  }

  void unsubscribe(Subscription subscription) {
    synchronized (lock) {
      listeners.remove(subscription);
    }
  }

  /** As {@link EventJournal#read}. */
  boolean read(long first, long to, Segment.Reader reader)
      throws IOException, InterruptedException {
    return journal.read(first, to, reader);
  }

  private static Supplier<CriException> stopping() {
    return () -> new CriException(Failure.UNAVAILABLE, "gantryd is stopping");
  }

  /** Ends every listener's stream, and writes what is left to be written. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      listeners.forEach(listener -> listener.end(stopping()));
      lock.notifyAll();
    }
    try {
      writer.join(5000);
      journal.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("journal of events not closed");
    }
  }
}
