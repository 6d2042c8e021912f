package io.gantry.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every RPC of the descriptor is sent what nobody means: each time there is an answer with a code
 * that tells the caller what to do, the daemon and the container beside it live, and nothing is
 * written outside their directories.
 *
 * <p>{@code -Dgantry.tests.fuzz.messages=N} sends N messages to each RPC, {@code
 * -Dgantry.tests.fuzz.seed=S} others than the usual ones. A failure names both and the message.
 */
@Tag("root")
class FuzzIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  static final int MESSAGES = Integer.getInteger("gantry.tests.fuzz.messages", 40);
  private static final long SEED = Long.getLong("gantry.tests.fuzz.seed", 20_240_817L);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration STREAM_DEADLINE = Duration.ofMillis(200);
  private static final int SHOWN_BYTES = 400;

  private static final Set<Status.Code> TELLING =
      EnumSet.complementOf(
          EnumSet.of(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS));

  /** What words for people do not hold: Java's names of types, and its stack traces. */
  private static final Pattern JAVA =
      Pattern.compile("(java|io\\.gantry|io\\.grpc|com\\.google)\\.[a-z]+\\.|Exception|\\tat ");

  private static final Shapes shapes = Shapes.load();

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @TestFactory
  Stream<DynamicTest> everyRpc_answersHostileMessages() {
    return Rpc.all(shapes.files()).stream()
        .map(rpc -> DynamicTest.dynamicTest(rpc.name(), () -> fuzz(rpc)));
  }

  @Test
  void everyRpc_refusesAMessageThatIsTooLarge_inWords() {
    byte[] huge = new byte[17 << 20];
    Arrays.fill(huge, (byte) 'x');
    for (Rpc rpc : Rpc.all(shapes.files())) {
      Status status = node.cri().call(rpc.fullName(), huge, DEADLINE);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode(), () -> rpc + ": " + status);
      assertTrue(status.getDescription().contains("16777216"), status::toString);
    }
    assertAlive();
  }

  private void fuzz(Rpc rpc) {
    node.crictl().out("pull", node.busybox());
    String token = "tok" + Integer.toHexString(rpc.name().hashCode());
    TestPod pod = TestPod.run(node);
    TestPod witness = TestPod.run(node);
    String running = witness.run("witness", "sleep", "1000");
    long pid = witness.pid(running);
    HostileText texts =
        new HostileText(
            pod.id(),
            pod.run("target", "sleep", "1000"),
            node.busybox(),
            node.directory().logs().toString(),
            node.directory().cgroupParent(),
            token);
    HostileMessages messages =
        new HostileMessages(shapes, texts, new Random(SEED + rpc.name().hashCode()));
    List<String> wrong = new ArrayList<>();
    int served = 0;
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = messages.next(rpc.requestType(), right(rpc, pod, texts));
      Duration deadline = rpc.serverStreaming() ? STREAM_DEADLINE : DEADLINE;
      Status status = node.cri().call(rpc.fullName(), message, deadline);
      served += status.isOk() ? 1 : 0;
      String fault = fault(status);
      if (!fault.isEmpty()) {
        wrong.add(
            "message %d of seed %d: %s%n  %s%n  %s"
                .formatted(i, SEED, fault, readable(message), hex(message)));
      }
    }
    assertEquals("", String.join("\n", wrong), () -> rpc.toString());
    if (Set.of("RunPodSandbox", "CreateContainer").contains(rpc.name())) {
      assertTrue(served > 0, "no message was nearly right: only first checks were tested");
    }
    assertAlive();
    assertEquals("", outside(token), "written outside of the daemon's directories");
    if (!Set.of("RemovePodSandbox", "StopPodSandbox").contains(rpc.name())) {
      // An empty or short id must hit nobody; the one container that was named may be gone.
      assertEquals(ContainerState.CONTAINER_RUNNING, witness.status(running).getState());
      assertEquals(pid, witness.pid(running));
    }
    node.removeAllPods();
  }

  /** A request that would be served. */
  private static byte[] right(Rpc rpc, TestPod pod, HostileText texts) {
    return switch (rpc.name()) {
      case "RunPodSandbox" ->
          RunPodSandboxRequest.newBuilder()
              .setConfig(TestPod.config(node, config -> {}))
              .build()
              .toByteArray();
      case "CreateContainer" ->
          pod.request("c-" + UUID.randomUUID(), config -> config.addCommand("true")).toByteArray();
      default -> texts.identifiers(shapes.message(rpc.requestType()));
    };
  }

  private static String fault(Status status) {
    String words = status.getDescription() == null ? "" : status.getDescription();
    if (status.isOk() || status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return "";
    }
    if (!TELLING.contains(status.getCode())) {
      return "a code that tells nothing: " + status;
    }
    if (words.isBlank()) {
      return "no words: " + status;
    }
    return JAVA.matcher(words).find() ? "words of a program: " + status : "";
  }

  private static void assertAlive() {
    assertTrue(node.runtime().process().isAlive(), "the daemon is alive");
    assertEquals(
        Status.Code.OK,
        node.cri().call("runtime.v1.RuntimeService/Status", new byte[0], DEADLINE).getCode());
  }

  /** What bears the token where no request may write: near the root, and near the daemon. */
  private static String outside(String token) {
    String own = node.directory().path().toString();
    String found =
        Command.of(
                "find",
                "/",
                "/tmp",
                "/run",
                "/dev",
                "/var/lib",
                System.getProperty("user.dir"),
                "-xdev",
                "-maxdepth",
                "3",
                "-name",
                "*" + token + "*",
                "-not",
                "-path",
                own + "/*")
            .run()
            .stdout();
    String beside =
        Command.of("find", own, "-name", "*" + token + "*", "-not", "-path", own + "/logs/*")
            .run()
            .stdout();
    return found + beside;
  }

  private static String readable(byte[] message) {
    String text =
        new String(message, 0, Math.min(message.length, SHOWN_BYTES), StandardCharsets.UTF_8);
    return text.replaceAll("\\p{C}", "·");
  }

  private static String hex(byte[] message) {
    return message.length
        + " bytes: "
        + HexFormat.of().formatHex(message, 0, Math.min(message.length, SHOWN_BYTES));
  }
}
