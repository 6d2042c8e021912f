package io.gantry.docker.engine.event;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The events of this engine since it began: the last ones are kept for those who ask later. */
public final class Events {
  private static final int KEPT = 1024;
  private static final int BEHIND = 4096;

  private final Clock clock;
  private final Deque<Event> last = new ArrayDeque<>();
  private final List<Listener> listeners = new ArrayList<>();

  public Events(Clock clock) {
    this.clock = clock;
  }

  /** Tells of something that has just happened. */
  public synchronized void tell(
      String type, String action, String id, Map<String, String> attributes) {
    Event event = new Event(type, action, id, attributes, clock.instant());
    last.add(event);
    if (last.size() > KEPT) {
      last.remove();
    }
    listeners.removeIf(listener -> !listener.queue.offer(event));
  }

  /** Begins to listen; what was is in it, too. */
  synchronized Listener listen() {
    Listener listener = new Listener(List.copyOf(last));
    listeners.add(listener);
    return listener;
  }

  synchronized int listeners() {
    return listeners.size();
  }

  /** Somebody who hears of all events until closed; one who is far behind hears no more. */
  final class Listener implements AutoCloseable {
    private final List<Event> before;
    private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(BEHIND);

    private Listener(List<Event> before) {
      this.before = before;
    }

    List<Event> before() {
      return before;
    }

    BlockingQueue<Event> queue() {
      return queue;
    }

    boolean isListening() {
      synchronized (Events.this) {
        return listeners.contains(this);
      }
    }

    @Override
    public void close() {
      synchronized (Events.this) {
        listeners.remove(this);
      }
    }
  }
}
