package io.gantry.docker.engine.container;

import io.gantry.docker.engine.options.HealthSettings;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Health;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ExecSyncRequest;
import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks containers how they are, by the command that they were given for that. */
final class HealthChecks {
  private static final int MOST_OUTPUT = 4096;

  private final Runtime runtime;
  private final ContainerEvents events;
  private final Clock clock;
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Map<String, Future<?>> next = new HashMap<>();
  private volatile boolean closed;

  HealthChecks(
      Runtime runtime,
      ContainerEvents events,
      Clock clock,
      ExecutorService threads,
      ScheduledExecutorService timer) {
    this.runtime = runtime;
    this.events = events;
    this.clock = clock;
    this.threads = threads;
    this.timer = timer;
  }

  /** Begins with a container that was started. */
  void begin(DockerContainer container) {
    Optional<HealthSettings> settings = HealthSettings.of(container.config());
    if (settings.isEmpty()) {
      container.setHealth(Health.NONE);
      return;
    }
    container.setHealth(Health.STARTING);
    schedule(container, settings.get(), container.runtimeId());
  }

  private synchronized void schedule(
      DockerContainer container, HealthSettings settings, String runtimeId) {
    if (closed) {
      return;
    }
    boolean early = isEarly(container, settings) && container.health().status().equals("starting");
    Duration pause = early ? settings.startInterval() : settings.interval();
    next.put(
        container.id(),
        timer.schedule(
            () -> threads.execute(() -> check(container, settings, runtimeId)),
            pause.toMillis(),
            TimeUnit.MILLISECONDS));
  }

  private boolean isEarly(DockerContainer container, HealthSettings settings) {
    return clock.instant().isBefore(container.lastStart().plus(settings.startPeriod()));
  }

  private void check(DockerContainer container, HealthSettings settings, String runtimeId) {
    if (closed || !container.status().isRunning() || !container.runtimeId().equals(runtimeId)) {
      return;
    }
    Instant begun = clock.instant();
    Health.Check result;
    try {
      ExecSyncResponse response =
          runtime
              .pods()
              .execSync(
                  ExecSyncRequest.newBuilder()
                      .setContainerId(runtimeId)
                      .addAllCmd(settings.command())
                      .setTimeout(Math.max(1, settings.timeout().toSeconds()))
                      .build());
      String output = response.getStdout().toStringUtf8() + response.getStderr().toStringUtf8();
      result = new Health.Check(begun, clock.instant(), response.getExitCode(), cut(output));
    } catch (StatusRuntimeException e) {
      String words =
          e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
              ? "Health check exceeded timeout (" + settings.timeout().toMillis() + "ms)"
              : String.valueOf(e.getStatus().getDescription());
      result = new Health.Check(begun, clock.instant(), -1, cut(words));
    }
    if (!closed && container.runtimeId().equals(runtimeId)) {
      note(container, settings, result);
      schedule(container, settings, runtimeId);
    }
  }

  private void note(DockerContainer container, HealthSettings settings, Health.Check result) {
    Health before = container.health();
    String now = before.status();
    int streak = 0;
    if (result.exitCode() == 0) {
      now = "healthy";
    } else if (!(now.equals("starting") && isEarly(container, settings))) {
      streak = before.failingStreak() + 1;
      if (streak >= settings.retries()) {
        now = "unhealthy";
      }
    }
    container.setHealth(before.with(result, now, streak));
    if (!now.equals(before.status())) {
      events.tell(container, "health_status: " + now);
    }
  }

  /** No more of a container that has ended. */
  synchronized void end(DockerContainer container) {
    Future<?> coming = next.remove(container.id());
    if (coming != null) {
      coming.cancel(false);
    }
  }

  void close() {
    closed = true;
  }

  private static String cut(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MOST_OUTPUT
        ? text
        : new String(bytes, 0, MOST_OUTPUT, StandardCharsets.UTF_8) + "...";
  }
}
