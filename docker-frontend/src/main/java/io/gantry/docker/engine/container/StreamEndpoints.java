package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Hijacked;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Request;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.logs.LogFiles;
import io.gantry.docker.engine.logs.LogReader;
import io.gantry.docker.engine.logs.LogRequest;
import io.gantry.docker.engine.options.LogSettings;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.stream.Conversation;
import io.gantry.docker.engine.stream.DetachKeys;
import io.gantry.docker.engine.stream.Frames;
import io.gantry.docker.engine.stream.WebSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/** What clients wait at: attach, logs, wait; and the size of a terminal. */
final class StreamEndpoints {
  private final ContainerRecords records;
  private final Attachments attachments;
  private final Waiters waiters;
  private final ContainerEvents events;
  private final ExecutorService threads;
  private final Clock clock;

  StreamEndpoints(
      ContainerRecords records,
      Attachments attachments,
      Waiters waiters,
      ContainerEvents events,
      ExecutorService threads,
      Clock clock) {
    this.records = records;
    this.attachments = attachments;
    this.waiters = waiters;
    this.events = events;
    this.threads = threads;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/containers/{id}/logs", this::logs),
        Route.post("/containers/{id}/attach", this::attach),
        Route.get("/containers/{id}/attach/ws", this::attachWebSocket),
        Route.post("/containers/{id}/wait", this::await),
        Route.post("/containers/{id}/resize", this::resize));
  }

  private DockerContainer named(Exchange exchange) throws EngineException {
    return records.get(exchange.request().parameter("id"));
  }

  private void logs(Exchange exchange) throws Exception {
    Request request = exchange.request();
    DockerContainer container = named(exchange);
    LogRequest wanted = LogRequest.of(request.query(), clock.instant());
    if (!LogSettings.of(container.hostConfig()).isKept()) {
      throw EngineException.notImplemented("configured logging driver does not support reading");
    }
    boolean framed = !isTerminal(container);
    Thread here = Thread.currentThread();
    exchange.onGone(here::interrupt);
    try (OutputStream out =
        exchange.stream(200, Frames.contentType(framed, request.version().isAtLeast(42)))) {
      Frames frames = new Frames(out, framed);
      new LogReader(new LogFiles(records.logFile(container)), wanted, frames::write)
          .read(() -> container.status().isRunning() || container.status() == Status.RESTARTING);
    }
  }

  private static boolean isTerminal(DockerContainer container) {
    return container.config().path("Tty").asBoolean();
  }

  private void attach(Exchange exchange) throws Exception {
    Request request = exchange.request();
    DockerContainer container = named(exchange);
    DetachKeys keys = checkAttach(container, request.query());
    boolean framed = !isTerminal(container);
    boolean announces = request.version().isAtLeast(42) && request.header("Upgrade").isPresent();
    try (Hijacked connection = exchange.hijack(Frames.contentType(framed, announces))) {
      talk(container, request.query(), keys, connection, framed);
    }
  }

  private void attachWebSocket(Exchange exchange) throws Exception {
    DockerContainer container = named(exchange);
    DetachKeys keys = checkAttach(container, exchange.request().query());
    try (Hijacked connection = WebSocket.accept(exchange)) {
      talk(container, exchange.request().query(), keys, connection, false);
    }
  }

  private static DetachKeys checkAttach(DockerContainer container, Query query)
      throws EngineException {
    if (container.status() == Status.PAUSED) {
      throw EngineException.conflict(
          "container %s is paused, unpause the container before attach".formatted(container.id()));
    }
    if (container.status() == Status.RESTARTING) {
      throw EngineException.conflict(
          "container %s is restarting, wait until the container is running"
              .formatted(container.id()));
    }
    return DetachKeys.parse(query.text("detachKeys"));
  }

  private void talk(
      DockerContainer container, Query query, DetachKeys keys, Hijacked connection, boolean framed)
      throws IOException, InterruptedException, EngineException {
    boolean stdout = query.flag("stdout");
    boolean stderr = query.flag("stderr");
    Frames frames = new Frames(connection.output(), framed);
    if (query.flag("logs") && LogSettings.of(container.hostConfig()).isKept()) {
      new LogReader(
              new LogFiles(records.logFile(container)),
              LogRequest.everything(stdout, stderr),
              frames::write)
          .read(() -> false);
    }
    if (!query.flag("stream")) {
      return;
    }
    boolean stdin = query.flag("stdin") && container.config().path("OpenStdin").asBoolean();
    Attachments.Attachment wanted =
        new Attachments.Attachment(
            stdin,
            stdout,
            stderr && !isTerminal(container),
            frames::write,
            new CompletableFuture<>());
    events.tell(container, "attach");
    Conversation conversation = connect(container, wanted, frames);
    if (conversation == null) {
      return;
    }
    try {
      if (stdin) {
        threads.execute(() -> pump(container, conversation, keys, connection));
      }
      conversation.awaitEnd();
    } finally {
      attachments.ended(container.id(), conversation);
    }
  }

  /** Null if it could not be started: the client is told by its call of start. */
  private Conversation connect(
      DockerContainer container, Attachments.Attachment wanted, Frames frames)
      throws InterruptedException, IOException {
    container.lock().lock();
    try {
      if (container.status().isRunning()) {
        return attachments.connect(container.id(), container.runtimeId(), wanted);
      }
      attachments.await(container.id(), wanted);
    } finally {
      container.lock().unlock();
    }
    CompletableFuture<Waiters.Outcome> removal = waiters.removal(container.id());
    removal.thenRun(() -> wanted.conversation().cancel(false));
    try {
      return wanted.conversation().get();
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      return null;
    }
  }

  private void pump(
      DockerContainer container, Conversation conversation, DetachKeys keys, Hijacked connection) {
    boolean once = container.config().path("StdinOnce").asBoolean() && !isTerminal(container);
    try {
      boolean detached =
          conversation.send(connection.input(), isTerminal(container) ? keys : null, once);
      // Whose input ends without ending the program's is at its streams no more.
      if (detached || !once && !conversation.isOver()) {
        events.tell(container, "detach");
        conversation.cancel();
      }
    } catch (IOException | RuntimeException e) {
      conversation.endInput();
    }
  }

  private void await(Exchange exchange) throws Exception {
    DockerContainer container = named(exchange);
    String condition = exchange.request().query().text("condition", "not-running");
    CompletableFuture<Waiters.Outcome> outcome =
        switch (condition) {
          case "not-running" -> {
            CompletableFuture<Waiters.Outcome> exit = waiters.nextExit(container.id());
            if (!container.status().isRunning() && container.status() != Status.RESTARTING) {
              exit.complete(new Waiters.Outcome(container.exitCode(), ""));
            }
            yield exit;
          }
          case "next-exit" -> waiters.nextExit(container.id());
          case "removed" -> waiters.removal(container.id());
          default -> throw EngineException.badRequest("invalid condition: \"" + condition + "\"");
        };
    exchange.onGone(() -> outcome.cancel(false));
    try (OutputStream out = exchange.stream(200, "application/json")) {
      Waiters.Outcome told = outcome.get();
      ObjectNode answer = Json.object().put("StatusCode", told.exitCode());
      if (!told.error().isEmpty()) {
        answer.putObject("Error").put("Message", told.error());
      }
      out.write((Json.text(answer) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (java.util.concurrent.CancellationException e) {
      return; // The client is gone.
    }
  }

  private void resize(Exchange exchange) throws Exception {
    DockerContainer container = named(exchange);
    int height = dimension(exchange.request().query(), "h");
    int width = dimension(exchange.request().query(), "w");
    attachments.resize(
        container.id(), container.status().isRunning() ? container.runtimeId() : "", height, width);
    events.tell(
        container,
        "resize",
        java.util.Map.of("height", Integer.toString(height), "width", Integer.toString(width)));
    exchange.answer(200);
  }

  static int dimension(Query query, String name) throws EngineException {
    OptionalLong value = query.number(name);
    if (value.isEmpty() || value.getAsLong() < 0 || value.getAsLong() > 65535) {
      throw EngineException.badRequest("invalid resize " + name + ": \"" + query.text(name) + "\"");
    }
    return (int) value.getAsLong();
  }
}
