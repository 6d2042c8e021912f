package io.gantry.tests.node;

import io.gantry.tests.cri.CriClient;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The process of a daemon that serves the CRI: started, waited for, stopped, killed. */
final class DaemonProcess {

  private static final Duration READY = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final int LOG_TAIL_LINES = 40;

  private final List<String> command;
  private final Map<String, String> environment;
  private final Path socket;
  private final Path log;
  private Process process;

  DaemonProcess(List<String> command, Map<String, String> environment, Path socket, Path log) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.socket = socket;
    this.log = log;
  }

  Path socket() {
    return socket;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  void start() {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("start " + command, e);
    }
    try (CriClient client = CriClient.connect(socket)) {
      Eventually.holds(
          command.get(0) + " serves the CRI",
          READY,
          () -> {
            if (process.isAlive()) {
              client.reconnect();
              client
                  .runtime()
                  .withDeadlineAfter(Patience.seconds(1), TimeUnit.SECONDS)
                  .version(CriClient.VERSION_REQUEST);
            }
          });
    } catch (AssertionError notReady) {
      throw new AssertionError(notReady.getMessage() + "\n" + logTail(), notReady);
    }
    if (!process.isAlive()) {
      throw new AssertionError(
          command.get(0) + " ended with " + process.exitValue() + "\n" + logTail());
    }
  }

  void stop() {
    if (process == null) {
      return;
    }
    process.destroy();
    waitForEnd();
  }

  void kill() {
    process.destroyForcibly();
    waitForEnd();
  }

  private void waitForEnd() {
    try {
      if (!process.waitFor(Patience.of(STOP).toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(
            command.get(0) + " did not end within " + STOP + " of SIGTERM\n" + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping " + command.get(0), e);
    }
  }

  String logTail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }
}
