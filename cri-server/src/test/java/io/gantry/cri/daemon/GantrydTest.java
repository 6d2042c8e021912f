package io.gantry.cri.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real process: what an operator and a kubelet see of its start, its signals and its end. */
@Tag("root")
@Timeout(120)
class GantrydTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private final List<Running> started = new ArrayList<>();

  /** A gantryd with its standard error. */
  private record Running(Process process, BufferedReader errors) {
    /**
     * Reads on until a line holds the words.
     *
     * @throws AssertionError if none does before gantryd ends, or for {@link #PATIENCE}
     */
    String awaitLine(String words) throws IOException {
      // Reading a pipe has no limit of its own, and the end of the process is the end of the pipe.
      var limit =
          CompletableFuture.runAsync(
              process::destroyForcibly,
              CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      List<String> heard = new ArrayList<>();
      try {
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
          heard.add(line);
          if (line.contains(words)) {
            return line;
          }
        }
      } finally {
        limit.cancel(false);
      }
      throw new AssertionError(
          "gantryd ended, or went on for %d s, without saying \"%s\"; it said: %s"
              .formatted(PATIENCE.toSeconds(), words, String.join("\n", heard)));
    }
  }

  private Running start(String... more) throws IOException {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "needs root");
    Path config = directory.resolve("gantry.toml");
    if (!Files.exists(config)) {
      Files.writeString(config, "");
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                // A JVM leaves signals ignored that its parent ignored, as nohup and shells in the
                // background do with SIGHUP and SIGINT.
                "env",
                "--default-signal=HUP,INT,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Gantryd.class.getName(),
                "--config",
                config.toString()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).start();
    var running = new Running(process, process.errorReader());
    started.add(running);
    return running;
  }

  private Running startHere() throws IOException {
    return start("--root", directory + "/root", "--state", directory + "/state");
  }

  private Path socket() {
    return directory.resolve("state/gantry.sock");
  }

  private static void signal(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  @AfterEach
  void killAll() throws InterruptedException {
    for (Running running : started) {
      running.process().destroyForcibly().waitFor();
    }
  }

  private VersionResponse version() throws InterruptedException {
    var events = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket().toString()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(events)
            .usePlaintext()
            .build();
    try {
      return RuntimeServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .version(VersionRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void start_servesTheCriOnASocketOfMode0660() throws Exception {
    Running gantryd = startHere();
    assertTrue(gantryd.awaitLine("gantryd serves").contains("listen=unix://" + socket()));
    VersionResponse version = version();
    assertEquals("gantry", version.getRuntimeName());
    assertEquals("v1", version.getRuntimeApiVersion());
    assertFalse(version.getRuntimeVersion().contains("$"), version.getRuntimeVersion());
    assertEquals(
        "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())));
  }

  @Test
  void sigterm_stopsCleanlyAndRemovesTheSocket() throws Exception {
    Running gantryd = startHere();
    gantryd.awaitLine("gantryd serves");
    signal(gantryd.process(), "TERM");
    assertEquals(0, gantryd.process().waitFor());
    assertFalse(Files.exists(socket()));
  }

  @Test
  void secondStart_isRefusedNamingTheFirst() throws Exception {
    Running first = startHere();
    first.awaitLine("gantryd serves");
    Running second = startHere();
    String line = second.awaitLine("cannot run");
    assertTrue(line.contains("process id " + first.process().pid()), line);
    assertEquals(1, second.process().waitFor());
    assertEquals("gantry", version().getRuntimeName());
  }

  @Test
  void socketLeftByAKilledDaemon_isReplaced() throws Exception {
    Running killed = startHere();
    killed.awaitLine("gantryd serves");
    killed.process().destroyForcibly().waitFor();
    assertTrue(Files.exists(socket()));
    startHere().awaitLine("gantryd serves");
    assertEquals("gantry", version().getRuntimeName());
  }

  @Test
  void socketServedByAnotherProcess_isLeftAlone() throws Exception {
    Path other = directory.resolve("other.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(other));
      Running gantryd =
          start(
              "--root",
              directory + "/root",
              "--state",
              directory + "/state",
              "--listen",
              "unix://" + other);
      assertTrue(gantryd.awaitLine("cannot run").contains("another process serves this socket"));
      assertEquals(1, gantryd.process().waitFor());
    }
  }

  @Test
  void sighup_rereadsTheLevelAndNamesWhatNeedsARestart() throws Exception {
    Running gantryd = startHere();
    gantryd.awaitLine("gantryd serves");
    Files.writeString(
        directory.resolve("gantry.toml"), "[log]\nlevel = \"debug\"\n[shim]\npool_size = 7\n");
    signal(gantryd.process(), "HUP");
    String line = gantryd.awaitLine("configuration re-read");
    assertTrue(line.contains("changed=log.level need_restart=shim.pool_size"), line);
    version();
    assertTrue(gantryd.awaitLine("msg=request ").contains("RuntimeService/Version"));
  }

  @Test
  void sighupWithABrokenFile_keepsTheConfigurationAndSaysWhy() throws Exception {
    Running gantryd = startHere();
    gantryd.awaitLine("gantryd serves");
    Files.writeString(directory.resolve("gantry.toml"), "[log]\nlevle = \"debug\"\n");
    signal(gantryd.process(), "HUP");
    String line = gantryd.awaitLine("configuration kept");
    assertTrue(line.contains("gantry.toml:2: unknown key log.levle"), line);
    assertEquals("gantry", version().getRuntimeName());
  }

  @Test
  void badConfiguration_exitsWith2AndSaysWhy() throws Exception {
    Files.writeString(directory.resolve("gantry.toml"), "x = 1\n[log]\nlevel = 3\n");
    Running gantryd = start();
    assertEquals(2, gantryd.process().waitFor());
    List<String> lines = gantryd.errors().lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).endsWith("gantry.toml:1: unknown key x"), lines.get(0));
  }
}
