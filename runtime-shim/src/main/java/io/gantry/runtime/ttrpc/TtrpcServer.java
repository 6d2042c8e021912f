package io.gantry.runtime.ttrpc;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Serves ttrpc on listening sockets. Each connection has a reading thread; calls run on {@code
 * executor}, any number in parallel. Thread-safe.
 */
public final class TtrpcServer implements Closeable {
  /** The largest message the protocol allows. */
  public static final int MAX_MESSAGE_BYTES = Frame.MAX_PAYLOAD_BYTES;

  private final Map<String, TtrpcService> services = new HashMap<>();
  private final Executor executor;
  private final ScheduledExecutorService timers;
  private final int receiveLimitBytes;
  private final IntConsumer connectionCount;
  private final Set<ServerConnection> connections = new HashSet<>(); // guarded by itself
  private boolean closed; // guarded by connections
  private ServerSocketChannel listener; // guarded by connections

  /**
   * @param executor runs connections and calls; must not be bounded, since a connection keeps its
   *     thread
   * @param timers ends calls whose client gave them a limited time; should forget what is cancelled
   * @param receiveLimitBytes largest request accepted, at most {@link #MAX_MESSAGE_BYTES}
   * @param connectionCount told the number of open connections after each change
   */
  public TtrpcServer(
      List<TtrpcService> services,
      Executor executor,
      ScheduledExecutorService timers,
      int receiveLimitBytes,
      IntConsumer connectionCount) {
    for (TtrpcService service : services) {
      this.services.put(service.name(), service);
    }
    this.executor = executor;
    this.timers = timers;
    this.receiveLimitBytes = receiveLimitBytes;
    this.connectionCount = connectionCount;
  }

  /**
   * Accepts connections until {@link #close}; blocks the calling thread. Closes {@code socket} at
   * the end.
   */
  public void serve(ServerSocketChannel socket) throws IOException {
    synchronized (connections) {
      listener = socket;
      if (closed) {
        socket.close();
        return;
      }
    }
    try (socket) {
      while (true) {
        accept(socket.accept());
      }
    } catch (ClosedChannelException e) {
      synchronized (connections) {
        if (!closed) {
          throw e;
        }
      }
    }
  }

  /** Serves one connected channel; it is closed when the peer leaves or the server closes. */
  public void accept(ByteChannel channel) throws IOException {
    ServerConnection connection = new ServerConnection(this, channel, receiveLimitBytes);
    int count;
    synchronized (connections) {
      if (closed) {
        channel.close();
        return;
      }
      connections.add(connection);
      count = connections.size();
    }
    connectionCount.accept(count);
    executor.execute(connection);
  }

  /** Ends the listening socket and every connection; calls still open are aborted. */
  @Override
  public void close() throws IOException {
    List<ServerConnection> open;
    ServerSocketChannel listening;
    synchronized (connections) {
      closed = true;
      open = new ArrayList<>(connections);
      listening = listener;
    }
    if (listening != null) {
      listening.close();
    }
    open.forEach(ServerConnection::close);
  }

  TtrpcService.Method method(String service, String name) {
    TtrpcService found = services.get(service);
    return found == null ? null : found.methods().get(name);
  }

  int receiveLimitBytes() {
    return receiveLimitBytes;
  }

  void run(ServerCall call, TtrpcService.Method method) {
    executor.execute(
        () -> {
          try {
            method.serve(call);
          } catch (Exception e) {
            call.fail(e);
          } catch (Error e) {
            // The answer first: a client must not hang on a broken handler. The thread's own
            // handler reports the error.
            call.fail(e);
            throw e;
          }
          limit(call);
        });
  }

  private void limit(ServerCall call) {
    if (call.ended() || call.timeout().isEmpty()) {
      return;
    }
    call.limitedBy(
        timers.schedule(call::expire, call.timeout().get().toNanos(), TimeUnit.NANOSECONDS));
  }

  void connectionClosed(ServerConnection connection) {
    int count;
    synchronized (connections) {
      connections.remove(connection);
      count = connections.size();
    }
    connectionCount.accept(count);
  }
}
