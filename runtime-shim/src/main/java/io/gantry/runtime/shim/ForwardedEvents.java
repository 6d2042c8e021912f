package io.gantry.runtime.shim;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.gantry.proto.eventsttrpc.v1.ForwardRequest;
import io.gantry.proto.types.Envelope;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Forwards events to containerd over ttrpc, one at a time and in order. An event that cannot be
 * delivered is tried again, later ones waiting behind it, and dropped with a word in the log when
 * containerd stays away.
 */
final class ForwardedEvents implements EventPublisher, Runnable {
  private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 5;
  // Memory is bounded while containerd is away; a container makes a handful of events.
  private static final int MAX_QUEUED = 1024;

  private final Path socket;
  private final String namespace;
  private final Executor executor;
  private final Consumer<String> report;
  private final ArrayDeque<Envelope> queue = new ArrayDeque<>(); // guarded by itself
  private boolean running; // guarded by queue
  private TtrpcClient client; // only the thread that runs

  ForwardedEvents(Path socket, String namespace, Executor executor, Consumer<String> report) {
    this.socket = socket;
    this.namespace = namespace;
    this.executor = executor;
    this.report = report;
  }

  @Override
  public void publish(String topic, String type, MessageLite event) {
    Envelope envelope =
        Envelope.newBuilder()
            .setTimestamp(EventPublisher.timestamp(Instant.now()))
            .setNamespace(namespace)
            .setTopic(topic)
            .setEvent(EventPublisher.any(type, event))
            .build();
    synchronized (queue) {
      if (queue.size() >= MAX_QUEUED) {
        report.accept("drop event " + topic + ": " + MAX_QUEUED + " events wait already");
        return;
      }
      queue.add(envelope);
      if (running) {
        return;
      }
      running = true;
    }
    executor.execute(this);
  }

  @Override
  public void run() {
    while (true) {
      Envelope next;
      synchronized (queue) {
        next = queue.poll();
        if (next == null) {
          running = false;
          queue.notifyAll();
          return;
        }
      }
      try {
        forward(next);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void forward(Envelope envelope) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        send(envelope);
        return;
      } catch (IOException | ExecutionException e) {
        if (client != null) {
          client.close();
          client = null;
        }
        if (attempt > ATTEMPTS) {
          report.accept("drop event " + envelope.getTopic() + ": " + e.getMessage());
          return;
        }
      }
      // Between attempts the daemon gets time to come back; new events only join the queue
      // meanwhile.
      synchronized (queue) {
        queue.wait(attempt * 1000L);
      }
    }
  }

  private void send(Envelope envelope)
      throws IOException, ExecutionException, InterruptedException {
    if (client == null) {
      client = TtrpcClient.connect(socket);
    }
    ForwardRequest request = ForwardRequest.newBuilder().setEnvelope(envelope).build();
    client
        .call(SERVICE, "Forward", request, Empty.parser(), CallOptions.within(ATTEMPT_TIMEOUT))
        .get();
  }
}
