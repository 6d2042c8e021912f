package io.gantry.runtime.foreign;

import com.google.protobuf.Empty;
import io.gantry.proto.events.TaskOOM;
import io.gantry.proto.eventsttrpc.v1.ForwardRequest;
import io.gantry.proto.types.Envelope;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Takes the events of other shims, which will not start without somebody who does. Exits are learnt
 * by waiting for them, so that of all events only those of memory running out are of use.
 * Thread-safe.
 */
final class ForeignEvents {
  private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";
  private static final String OOM = "/tasks/oom";
  private static final int RECEIVE_LIMIT_BYTES = 1 << 20;

  private final Path socket;
  private final Executor executor;
  private final ScheduledExecutorService timers;
  private final Consumer<String> report;
  private final Map<String, Long> oomKills = new HashMap<>(); // guarded by itself
  private boolean serving; // guarded by this

  /**
   * @param socket where to listen, once the first shim needs it
   */
  ForeignEvents(
      Path socket, Executor executor, ScheduledExecutorService timers, Consumer<String> report) {
    this.socket = socket;
    this.executor = executor;
    this.timers = timers;
    this.report = report;
  }

  /** The socket, with somebody listening. */
  synchronized Path address() throws IOException {
    if (!serving) {
      Files.deleteIfExists(socket);
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
      TtrpcService service = new TtrpcService(SERVICE, Map.of("Forward", this::forward));
      TtrpcServer server =
          new TtrpcServer(List.of(service), executor, timers, RECEIVE_LIMIT_BYTES, count -> {});
      executor.execute(() -> serve(server, listener));
      serving = true;
    }
    return socket;
  }

  private void serve(TtrpcServer server, ServerSocketChannel listener) {
    try {
      server.serve(listener);
    } catch (IOException e) {
      report.accept("take events at " + socket + ": " + e.getMessage());
    }
  }

  private void forward(ServerCall call) throws Exception {
    Envelope envelope = call.argument(ForwardRequest.parser()).getEnvelope();
    if (envelope.getTopic().equals(OOM)) {
      TaskOOM event = TaskOOM.parseFrom(envelope.getEvent().getValue());
      synchronized (oomKills) {
        Long before = oomKills.get(event.getContainerId());
        oomKills.put(event.getContainerId(), before == null ? 1 : before + 1);
      }
    }
    call.reply(Empty.getDefaultInstance());
  }

  long oomKills(String containerId) {
    synchronized (oomKills) {
      Long known = oomKills.get(containerId);
      return known == null ? 0 : known;
    }
  }

  void forget(String containerId) {
    synchronized (oomKills) {
      oomKills.remove(containerId);
    }
  }
}
