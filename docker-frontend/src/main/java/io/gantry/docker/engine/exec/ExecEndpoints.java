package io.gantry.docker.engine.exec;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Hijacked;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Request;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.container.ContainerEvents;
import io.gantry.docker.engine.container.StartFailure;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.docker.engine.stream.Conversation;
import io.gantry.docker.engine.stream.DetachKeys;
import io.gantry.docker.engine.stream.Frames;
import io.gantry.proto.v1.ExecStart;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.TerminalSize;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/** The endpoints of exec. */
public final class ExecEndpoints {
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final Runtime runtime;
  private final ContainerRecords records;
  private final ContainerEvents events;
  private final ExecutorService threads;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, ExecSession> sessions = new LinkedHashMap<>();

  public ExecEndpoints(
      Runtime runtime,
      ContainerRecords records,
      ContainerEvents events,
      ExecutorService threads,
      Clock clock) {
    this.runtime = runtime;
    this.records = records;
    this.events = events;
    this.threads = threads;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/containers/{id}/exec", this::create),
        Route.post("/exec/{id}/start", this::start),
        Route.post("/exec/{id}/resize", this::resize),
        Route.get("/exec/{id}/json", this::inspect));
  }

  /** Of those of a container that are not over. */
  public synchronized List<String> idsOf(String containerId) {
    return sessions.values().stream()
        .filter(session -> session.containerId().equals(containerId))
        .filter(session -> session.state() != ExecSession.State.ENDED)
        .map(ExecSession::id)
        .toList();
  }

  private void create(Exchange exchange) throws Exception {
    DockerContainer container = running(exchange.request().parameter("id"));
    JsonNode asked = exchange.request().json();
    if (Json.listOf(asked.path("Cmd")).isEmpty()) {
      throw EngineException.badRequest("No exec command specified");
    }
    DetachKeys.parse(asked.path("DetachKeys").asText(""));
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    ExecSession session = new ExecSession(HexFormat.of().formatHex(bytes), container.id(), asked);
    synchronized (this) {
      sessions.values().removeIf(old -> old.endedBefore(clock.instant().minus(KEPT)));
      sessions.put(session.id(), session);
    }
    events.tell(
        container,
        "exec_create: " + String.join(" ", session.command()),
        Map.of("execID", session.id()));
    exchange.answer(201, Json.object().put("Id", session.id()));
  }

  private DockerContainer running(String reference) throws EngineException {
    DockerContainer container = records.get(reference);
    if (container.status() == Status.PAUSED) {
      throw EngineException.conflict(
          "Container %s is paused, unpause the container before exec".formatted(container.id()));
    }
    if (container.status() == Status.RESTARTING) {
      throw EngineException.conflict(
          "Container %s is restarting, wait until the container is running"
              .formatted(container.id()));
    }
    if (!container.status().isRunning()) {
      throw EngineException.conflict("container " + container.id() + " is not running");
    }
    return container;
  }

  private synchronized ExecSession session(String id) throws EngineException {
    ExecSession found = sessions.get(id);
    if (found == null) {
      List<ExecSession> some =
          sessions.values().stream().filter(each -> each.id().startsWith(id)).toList();
      if (some.size() != 1) {
        throw EngineException.notFound("No such exec instance: " + id);
      }
      found = some.get(0);
    }
    return found;
  }

  private void start(Exchange exchange) throws Exception {
    Request request = exchange.request();
    ExecSession session = session(request.parameter("id"));
    JsonNode asked = request.json();
    DockerContainer container = running(session.containerId());
    boolean detached = asked.path("Detach").asBoolean();
    if (asked.path("ConsoleSize").isArray() && asked.path("ConsoleSize").size() == 2) {
      session.resize(
          asked.path("ConsoleSize").get(0).asInt(), asked.path("ConsoleSize").get(1).asInt());
    }
    if (!session.begin()) {
      throw EngineException.conflict("exec session " + session.id() + " has already been started");
    }
    if (detached) {
      startDetached(exchange, session, container);
      return;
    }
    boolean framed = !session.terminal();
    boolean announces = request.version().isAtLeast(42) && request.header("Upgrade").isPresent();
    DetachKeys keys = session.terminal() ? DetachKeys.parse(session.detachKeys()) : null;
    try (Hijacked connection = exchange.hijack(Frames.contentType(framed, announces))) {
      Frames frames = new Frames(connection.output(), framed);
      Conversation conversation = begin(session, container, false, frames::write);
      if (!awaitStart(session, container, conversation, frames)) {
        return;
      }
      Detaching detaching = new Detaching();
      if (session.stdin()) {
        threads.execute(() -> pump(session, container, conversation, keys, connection, detaching));
      }
      // Who left by the keys leaves the process running.
      threads.execute(() -> awaitEnd(session, container, conversation, detaching));
      detaching.await();
    }
  }

  private void startDetached(Exchange exchange, ExecSession session, DockerContainer container)
      throws Exception {
    Conversation conversation = begin(session, container, true, (stream, bytes) -> {});
    try {
      session.talks(conversation, conversation.awaitStart());
    } catch (StatusRuntimeException e) {
      StartFailure failure = StartFailure.of(e, session.command());
      session.end(failure.exitCode(), clock.instant());
      throw EngineException.badRequest(failure.message());
    }
    tell(session, container, "exec_start: " + String.join(" ", session.command()));
    threads.execute(() -> awaitEnd(session, container, conversation, new Detaching()));
    exchange.answer(200);
  }

  private Conversation begin(
      ExecSession session, DockerContainer container, boolean detached, Conversation.Sink sink) {
    ExecStart.Builder start =
        ExecStart.newBuilder()
            .setContainerId(container.runtimeId())
            .addAllCommand(session.command())
            .addAllEnvironment(session.environment())
            .setUser(session.user())
            .setWorkingDirectory(session.directory())
            .setPrivileged(session.privileged())
            .setTerminal(session.terminal())
            .setStdin(session.stdin() && !detached)
            .setStdout(session.stdout() && !detached)
            .setStderr(session.stderr() && !session.terminal() && !detached)
            .setDetached(detached);
    session
        .size()
        .ifPresent(
            size -> start.setSize(TerminalSize.newBuilder().setHeight(size[0]).setWidth(size[1])));
    return Conversation.begin(
        answers -> runtime.processes().exec(answers),
        ProcessInput.newBuilder().setExec(start).build(),
        sink);
  }

  private boolean awaitStart(
      ExecSession session, DockerContainer container, Conversation conversation, Frames frames)
      throws InterruptedException, IOException {
    try {
      session.talks(conversation, conversation.awaitStart());
      tell(session, container, "exec_start: " + String.join(" ", session.command()));
      return true;
    } catch (StatusRuntimeException e) {
      StartFailure failure = StartFailure.of(e, session.command());
      String words = "OCI runtime exec failed: " + failure.message() + "\r\n";
      frames.write(Frames.STDERR, words.getBytes(StandardCharsets.UTF_8));
      session.end(failure.exitCode() == 128 ? 126 : failure.exitCode(), clock.instant());
      return false;
    }
  }

  /** Waits for the first of two: the process's end, or its client's going by the keys. */
  private static final class Detaching {
    private final java.util.concurrent.CountDownLatch over =
        new java.util.concurrent.CountDownLatch(1);

    void over() {
      over.countDown();
    }

    void await() throws InterruptedException {
      over.await();
    }
  }

  private void pump(
      ExecSession session,
      DockerContainer container,
      Conversation conversation,
      DetachKeys keys,
      Hijacked connection,
      Detaching detaching) {
    try {
      boolean detached = conversation.send(connection.input(), keys, !session.terminal());
      // Who leaves a terminal leaves what runs there running, also without the keys.
      if (detached || session.terminal() && !conversation.isOver()) {
        tell(session, container, "exec_detach");
        detaching.over();
      }
    } catch (IOException | RuntimeException e) {
      conversation.endInput();
    }
  }

  private void awaitEnd(
      ExecSession session,
      DockerContainer container,
      Conversation conversation,
      Detaching detaching) {
    try {
      conversation.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Integer code = conversation.exitCode();
    session.end(code == null ? 137 : code, clock.instant());
    detaching.over();
    events.tell(
        container,
        "exec_die",
        Map.of("execID", session.id(), "exitCode", Integer.toString(code == null ? 137 : code)));
  }

  private void tell(ExecSession session, DockerContainer container, String action) {
    events.tell(container, action, Map.of("execID", session.id()));
  }

  private void resize(Exchange exchange) throws Exception {
    ExecSession session = session(exchange.request().parameter("id"));
    long height = exchange.request().query().number("h").orElse(-1);
    long width = exchange.request().query().number("w").orElse(-1);
    if (height < 0 || width < 0 || height > 65535 || width > 65535) {
      throw EngineException.badRequest("resize needs h and w");
    }
    session.resize((int) height, (int) width);
    exchange.answer(200);
  }

  private void inspect(Exchange exchange) throws Exception {
    exchange.answer(200, session(exchange.request().parameter("id")).view());
  }
}
