package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.cri.CriClient;
import io.gantry.tests.node.DaemonSample;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Something runs out, or is taken by the hundred; the daemon and everybody else stay well. */
@Tag("root")
class ExhaustionIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final int CONNECTIONS = 200;
  private static final Duration SOON = Duration.ofSeconds(30);

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void forkBomb_isKeptWithinItsPodsProcesses() throws IOException {
    Path pids = Path.of("/sys/fs/cgroup/pids");
    assumeTrue(Files.isDirectory(pids), "needs the pids controller on cgroup v1");
    // As a kubelet limits a pod: at its cgroup, which it makes itself.
    String parent = node.directory().cgroupParent() + "/bomb";
    Path cgroup = Files.createDirectories(Path.of(pids + parent));
    Files.writeString(cgroup.resolve("pids.max"), "40");
    try (TestPod pod =
        TestPod.run(
            node,
            config -> config.setLinux(config.getLinux().toBuilder().setCgroupParent(parent)))) {
      pod.run("bomb", "sh", "-c", "bomb() { bomb | bomb & }; bomb; sleep 1000");
      pod.awaitLog("bomb", log -> log.stderr().contains("can't fork"));

      othersAreWell();
    } finally {
      Eventually.holds("the cgroup is free", SOON, () -> removeEmpty(parent));
    }
  }

  @Test
  void memoryHog_isKilledAlone() {
    TestPod pod = TestPod.run(node);
    String container =
        pod.run(
            "hog",
            config -> {
              config.addAllCommand(List.of("tail", "/dev/zero"));
              Configs.resources(limits -> limits.setMemoryLimitInBytes(32 << 20)).accept(config);
            });

    assertEquals("OOMKilled", pod.awaitExit(container).getReason());
    othersAreWell();
  }

  @Test
  void fullDisk_isToldAndLeavesNothingHalfMade() throws IOException {
    assumeTrue(TestNode.isGantry(), "moves gantry's directories");
    Path root = node.directory().root();
    node.runtime().stop();
    Path kept = root.resolveSibling("kept");
    Files.move(root, kept);
    Files.createDirectory(root);
    Command.of("mount", "-t", "tmpfs", "-o", "size=32m,mode=0711", "tmpfs", root.toString())
        .run()
        .orFail();
    try {
      node.startAgain();
      fullDisk(root);
    } finally {
      node.removeAllPods();
      node.runtime().stop();
      Command.of("umount", root.toString()).run().orFail();
      Files.delete(root);
      Files.move(kept, root);
      node.startAgain();
    }
  }

  private void fullDisk(Path root) throws IOException {
    fill(root);
    assertTold(node.crictl().runtimeRefusal("pull", node.busybox()));
    assertTold(refusal(() -> TestPod.run(node)));
    assertEquals("", node.crictl().out("pods", "-q"));
    free(root);
    node.crictl().out("pull", node.busybox());

    TestPod pod =
        TestPod.run(node, config -> config.setLogDirectory(root.resolve("logs").toString()));
    Leftovers before = Leftovers.of(node.directory());
    fill(root);
    assertTold(refusal(() -> pod.create("app", "true")));
    assertEquals("", Leftovers.of(node.directory()).differenceTo(before));
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
    free(root);

    String talker =
        pod.run(
            "talker",
            "sh",
            "-c",
            "seq 1 20000; touch /tmp/x; until [ -e /tmp/go ]; do usleep 5000; done; echo again");
    Path log = root.resolve("logs/talker.log");
    Eventually.holds("it logs", SOON, () -> assertTrue(Files.size(log) > 100_000));
    fill(root);
    // Its writes are lost, and it lives.
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(talker).getState());
    assertEquals("there\n", pod.execOutput(talker, "echo", "there"));
    free(root);
    Files.createFile(pod.inside(talker, "/tmp/go"));
    assertEquals(0, pod.awaitExit(talker).getExitCode());
    assertTrue(Files.readString(log).endsWith(" stdout F again\n"), "the log goes on");

    // Whatever frees space must do without.
    String last = pod.run("last", "sleep", "1000");
    fill(root);
    pod.stop(last, Duration.ZERO);
    pod.remove(last);
    pod.close();
    node.crictl().out("rmi", node.busybox());
    assertEquals("", node.crictl().out("images", "-q"));
    free(root);
    node.crictl().out("pull", node.busybox());
  }

  private static String refusal(Executable request) {
    Status refused = assertThrows(StatusRuntimeException.class, request).getStatus();
    return "code = " + refused.getCode() + " " + refused.getDescription();
  }

  private static void assertTold(String refusal) {
    assertTrue(
        refusal.startsWith("code = ResourceExhausted")
            || refusal.startsWith("code = RESOURCE_EXHAUSTED"),
        refusal);
    assertTrue(refusal.contains("No space left on device") || refusal.contains("ENOSPC"), refusal);
  }

  private static void fill(Path root) {
    Command.of("sh", "-c", "cat /dev/zero > " + root.resolve("filler") + " || sync").run();
  }

  private static void free(Path root) throws IOException {
    Files.delete(root.resolve("filler"));
  }

  @Test
  void connectionsByTheHundred_areAllServed() {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    List<CriClient> clients = new ArrayList<>();
    try {
      List<CompletableFuture<String>> answers = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        CriClient client = CriClient.connect(node.runtime().socket(), loop);
        clients.add(client);
        answers.add(
            CompletableFuture.supplyAsync(
                () -> client.runtime().version(CriClient.VERSION_REQUEST).getRuntimeName()));
      }
      String name = node.cri().runtime().version(CriClient.VERSION_REQUEST).getRuntimeName();
      answers.forEach(answer -> assertEquals(name, answer.join()));
    } finally {
      clients.forEach(CriClient::close);
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void clientsThatNeverFinishTheirFirstWord_holdNobodyUp() throws IOException {
    int before = DaemonSample.descriptors(node.runtime().process());
    List<SocketChannel> slow = new ArrayList<>();
    try {
      byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel channel =
            SocketChannel.open(UnixDomainSocketAddress.of(node.runtime().socket()));
        slow.add(channel);
        channel.write(ByteBuffer.wrap(preface, 0, i % preface.length));
      }
      othersAreWell();
    } finally {
      for (SocketChannel channel : slow) {
        channel.close();
      }
    }
    Eventually.holds(
        "their descriptors are free again",
        SOON,
        () -> assertTrue(DaemonSample.descriptors(node.runtime().process()) <= before + 3));
  }

  private static void othersAreWell() {
    try (TestPod other = TestPod.run(node)) {
      String container = other.run("other", "sleep", "1000");
      assertEquals("there\n", other.execOutput(container, "echo", "there"));
    }
  }

  private static void removeEmpty(String parent) throws IOException {
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies.toList()) {
        Files.deleteIfExists(Path.of(hierarchy + parent));
      }
    }
  }
}
