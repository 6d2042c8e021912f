package io.gantry.cri.shims;

import io.gantry.runtime.shim.ShimCommand;
import io.gantry.runtime.ttrpc.TtrpcClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one shim. The JVM is started directly, without a shell; it makes a session of its own as
 * its first act.
 */
final class ShimProcess {
  /** Length of the random name that its files share. */
  static final int NAME_LENGTH = 12;

  private static final String NAMESPACE = "gantry";
  private static final int LOG_TAIL_BYTES = 2000;
  private static final Logger LOG = LoggerFactory.getLogger(ShimProcess.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ShimSettings settings;
  private final ShimPlace place;

  ShimProcess(ShimSettings settings, ShimPlace place) {
    this.settings = settings;
    this.place = place;
  }

  /** Returns once the new shim accepts connections. */
  TaskConnection start(ShimCommand command) throws IOException {
    String name = name();
    Path socket = settings.directory().resolve(name + ".sock");
    Path log = logOf(socket);
    ProcessBuilder builder =
        new ProcessBuilder(
            command.server(socket, NAMESPACE, name, Optional.of(settings.idleLimit())));
    builder.directory(new File("/"));
    builder.redirectInput(new File("/dev/null"));
    builder.redirectError(log.toFile());
    environment(builder.environment());
    Process process = builder.start();
    settle(process);
    try {
      awaitReady(process);
      return TaskConnection.over(TtrpcClient.connect(socket), socket);
    } catch (IOException e) {
      process.destroyForcibly();
      String tail = tail(log);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(log);
      throw new IOException(
          "start shim " + name + ": " + e.getMessage() + (tail.isEmpty() ? "" : ": " + tail), e);
    }
  }

  /** At once, so that what it takes is counted there. */
  private void settle(Process process) {
    try {
      place.take(process.pid());
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("shim", process.pid())
          .addKeyValue("error", e.getMessage())
          .log("shim stays among the daemon's own processes");
    }
  }

  static Path logOf(Path socket) {
    String file = socket.getFileName().toString();
    return socket.resolveSibling(file.substring(0, file.length() - ".sock".length()) + ".log");
  }

  /** Where a shim that stands before others listens for their events. */
  static Path eventsOf(Path socket) {
    return socket.resolveSibling(socket.getFileName() + ".events");
  }

  private static String name() {
    byte[] bytes = new byte[NAME_LENGTH / 2];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void environment(Map<String, String> environment) {
    String path = environment.get("PATH");
    environment.clear();
    if (path != null) {
      environment.put("PATH", path);
    }
    // File names are UTF-8 whatever the daemon's locale: Java takes their encoding from here.
    environment.put("LC_ALL", "C.UTF-8");
    environment.putAll(ShimCommand.ENVIRONMENT);
  }

  private void awaitReady(Process process) throws IOException {
    AtomicBoolean late = new AtomicBoolean();
    Thread guard = new Thread(() -> killAfterLimit(process, late), "shim-start-limit");
    guard.setDaemon(true);
    guard.start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      if (ShimCommand.READY.equals(line)) {
        return;
      }
      if (late.get()) {
        throw new IOException("it did not answer within " + settings.startLimit());
      }
      // The JVM says on standard output why it cannot start.
      String rest = out.lines().collect(Collectors.joining(" "));
      throw new IOException(
          "it ended before it answered" + (line == null ? "" : ": " + line + " " + rest));
    } finally {
      guard.interrupt();
    }
  }

  private void killAfterLimit(Process process, AtomicBoolean late) {
    try {
      if (!process.waitFor(settings.startLimit().toMillis(), TimeUnit.MILLISECONDS)) {
        late.set(true);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // It is ready: the guard is not needed any more, and its thread ends here.
      Thread.currentThread().interrupt();
    }
  }

  /** The end of what a shim has said, in one line; empty when it said nothing. */
  static String tail(Path log) {
    try {
      String text = Files.readString(log).strip().replace('\n', ' ');
      return text.substring(Math.max(0, text.length() - LOG_TAIL_BYTES));
    } catch (IOException e) {
      return "";
    }
  }
}
