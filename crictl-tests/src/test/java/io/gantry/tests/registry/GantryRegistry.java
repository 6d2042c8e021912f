package io.gantry.tests.registry;

import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code gantry registry serve} as a process of its own. */
public final class GantryRegistry implements AutoCloseable {

  private static final Duration READY = Duration.ofSeconds(60);

  private final Path directory;
  private final int port;
  private final List<String> options;
  private Process process;

  /**
   * A registry in the directory, on a free port, not yet started.
   *
   * @param options more of its options
   */
  public GantryRegistry(Path directory, String... options) {
    this.directory = directory;
    this.options = List.of(options);
    this.port = freePort();
  }

  /** A port that nobody listens on now. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("find a free port", e);
    }
  }

  /** Starts it, again if need be, and waits until it listens. */
  public GantryRegistry start() {
    List<String> command =
        new ArrayList<>(
            List.of(
                Checkout.distribution().resolve("bin/gantry").toString(),
                "registry",
                "serve",
                "--root",
                directory.resolve("root").toString(),
                "--listen",
                host(),
                "--log-level",
                "debug"));
    command.addAll(options);
    try {
      Files.createDirectories(directory);
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("registry.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("start " + command, e);
    }
    Eventually.holds(
        "the registry listens, see " + directory.resolve("registry.log"),
        READY,
        () -> {
          try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
          }
        });
    return this;
  }

  /** HOST:PORT, as the first part of an image reference. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** As skopeo names an image of this registry. */
  public String reference(String nameAndTag) {
    return "docker://" + host() + "/" + nameAndTag;
  }

  /** The hexadecimal digests of all blobs on disk. */
  public List<String> blobs() {
    try (Stream<Path> files = Files.list(directory.resolve("root/content/blobs/sha256"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("list the registry's blobs", e);
    }
  }

  public ProcessHandle process() {
    return process.toHandle();
  }

  /** Kills it with SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    await();
  }

  /** Stops it in an orderly way. */
  @Override
  public void close() {
    process.destroy();
    await();
  }

  private void await() {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the registry did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the registry ended", e);
    }
  }
}
