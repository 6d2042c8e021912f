package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.proto.cri.v1.CheckpointContainerRequest;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.CriuProgram;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers saved into archives by {@code crictl checkpoint}. */
@Tag("root")
class CheckpointIT {
  private static final String COUNTER =
      "echo kept > /made; rm /etc/group; n=0; while true; do n=$((n+1)); echo $n; sleep 0.1; done";

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory -> "\n[checkpoint]\ncriu = \"%s\"\n".formatted(CriuProgram.orSkip()));

  private TestPod pod;
  private Path archive;

  @BeforeEach
  void runPod() throws IOException {
    pod = TestPod.run(node);
    archive = Files.createTempDirectory(node.directory().scratch(), "archive").resolve("c.tar");
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  /** Paths as the kubelet asks for them to be hidden. */
  private static void hide(ContainerConfig.Builder config) {
    LinuxContainerConfig linux = config.getLinux();
    config.setLinux(
        linux.toBuilder()
            .setSecurityContext(
                linux.getSecurityContext().toBuilder()
                    .addAllMaskedPaths(
                        List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/sys/firmware"))
                    .addAllReadonlyPaths(
                        List.of("/proc/bus", "/proc/sys", "/proc/sysrq-trigger"))));
  }

  private String count(String name) {
    String container =
        pod.run(
            name,
            config -> {
              hide(config);
              config.addAllCommand(List.of("sh", "-c", COUNTER));
            });
    pod.awaitLog(name, log -> last(log) >= 3);
    return container;
  }

  private static int last(ContainerLog log) {
    List<String> lines = log.stdout().lines().toList();
    return lines.isEmpty() ? 0 : Integer.parseInt(lines.get(lines.size() - 1));
  }

  private List<String> names(Path tar) {
    return Command.of("tar", "-tf", tar.toString()).run().orFail().stdout().lines().toList();
  }

  private byte[] member(String name) {
    return Command.of("tar", "-xOf", archive.toString(), name).run().orFail().stdoutBytes();
  }

  @Test
  void checkpoint_writesAnArchive_andTheContainerRunsOn() throws IOException {
    String container = count("counter");
    long pid = pod.pid(container);

    node.crictl().out("checkpoint", "--export=" + archive, container);

    int then = last(pod.log("counter"));
    pod.awaitLog("counter", log -> last(log) > then + 2);
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    assertEquals(pid, pod.pid(container));
    assertTrue(
        names(archive)
            .containsAll(
                List.of(
                    "checkpoint/",
                    "checkpoint/inventory.img",
                    "checkpoint/descriptors.json",
                    "config.dump",
                    "dump.log",
                    "rootfs-diff.tar",
                    "spec.dump",
                    "status.dump")),
        () -> names(archive).toString());
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)));
    JsonNode config = new ObjectMapper().readTree(member("config.dump"));
    assertEquals(container, config.get("id").asText());
    assertEquals("counter", config.get("name").asText());
    assertEquals(node.busybox(), config.get("rootfsImageName").asText());
  }

  @Test
  void changedFiles_areInTheArchive_removedOnesAsWhiteouts() throws IOException {
    String container = count("changer");

    node.crictl().out("checkpoint", "--export=" + archive, container);

    Path changes = Files.write(archive.resolveSibling("diff.tar"), member("rootfs-diff.tar"));
    List<String> names = names(changes);
    assertTrue(names.contains("made"), names::toString);
    assertTrue(names.contains("etc/.wh.group"), names::toString);
    assertEquals(
        "kept\n", Command.of("tar", "-xOf", changes.toString(), "made").run().orFail().stdout());
  }

  @Test
  void containerThatHasEnded_isRefused() {
    String container = pod.run("ended", "true");
    pod.awaitExit(container);

    String words = node.crictl().refusal("checkpoint", "--export=" + archive, container);

    assertTrue(words.contains("FailedPrecondition"), words);
    assertFalse(Files.exists(archive));
  }

  @Test
  void containerWithATerminal_isRefusedAndRunsOn() throws IOException {
    String container =
        pod.run(
            "terminal",
            config -> config.setTty(true).addAllCommand(List.of("sh", "-c", "sleep 1000")));

    String words = node.crictl().refusal("checkpoint", "--export=" + archive, container);

    assertTrue(words.contains("FailedPrecondition"), words);
    assertTrue(words.contains("terminal"), words);
    assertEquals("x\n", pod.execOutput(container, "echo", "x"));
    assertNothingLeft();
  }

  @Test
  void archiveThatCannotBeWritten_leavesNothingAndTheContainerRunning() throws IOException {
    String container = count("nowhere");
    Path nowhere = Path.of("/proc/nothing/c.tar");

    String missing = node.crictl().refusal("checkpoint", "--export=" + nowhere, container);
    String refused = node.crictl().refusal("checkpoint", "--export=/proc/c.tar", container);

    assertTrue(missing.contains("InvalidArgument"), missing);
    assertTrue(refused.contains("/proc"), refused);
    int then = last(pod.log("nowhere"));
    pod.awaitLog("nowhere", log -> last(log) > then);
    assertNothingLeft();
  }

  @Test
  void relativeLocation_isRefused() {
    String container = pod.run("relative", "sleep", "1000");

    var request =
        CheckpointContainerRequest.newBuilder()
            .setContainerId(container)
            .setLocation("c.tar")
            .build();
    var refused =
        assertThrows(
            StatusRuntimeException.class, () -> node.cri().runtime().checkpointContainer(request));

    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
  }

  private String restore(TestPod target, String name) {
    return target.create(
        name,
        config -> {
          hide(config);
          config.setImage(ImageSpec.newBuilder().setImage(archive.toString()));
        });
  }

  @Test
  void restoredContainer_goesOnWhereItWasSaved_inAnotherPod() throws Exception {
    String saved = count("saved");
    node.crictl().out("checkpoint", "--export=" + archive, saved);
    int then = last(pod.log("saved"));
    pod.remove(saved);

    try (TestPod other = TestPod.run(node)) {
      String back = restore(other, "back");
      assertEquals(ContainerState.CONTAINER_CREATED, other.status(back).getState());
      other.start(back);

      ContainerLog log = other.awaitLog("back", lines -> last(lines) > then);
      int first = Integer.parseInt(log.stdout().lines().findFirst().orElseThrow());
      assertTrue(first > 2 && first <= then + 1, "it went on with " + first + " after " + then);
      assertEquals("kept\n", other.execOutput(back, "cat", "/made"));
      assertEquals(1, other.exec(back, "test", "-e", "/etc/group").getExitCode());
      assertEquals("sh", other.execOutput(back, "head", "-c", "2", "/proc/1/cmdline"));
      assertTrue(other.execOutput(back, "cat", "/etc/hosts").contains("test-host"));
      assertEquals("", other.execOutput(back, "cat", "/proc/keys"));
      other.stop(back, Duration.ZERO);
      assertEquals(137, other.awaitExit(back).getExitCode());
    }
  }

  @Test
  void restoredContainer_canBeSavedAgain() throws Exception {
    String saved = count("once");
    node.crictl().out("checkpoint", "--export=" + archive, saved);
    pod.remove(saved);
    String back = restore(pod, "again");
    pod.start(back);
    Files.delete(archive);

    node.crictl().out("checkpoint", "--export=" + archive, back);

    assertTrue(names(archive).contains("checkpoint/inventory.img"));
    int then = last(pod.log("again"));
    pod.awaitLog("again", log -> last(log) > then);
  }

  @Test
  void archiveThatIsNone_isRefused() throws IOException {
    assertEquals(Status.Code.NOT_FOUND, refusedRestore());
    Files.writeString(archive, "no archive");
    assertEquals(Status.Code.INVALID_ARGUMENT, refusedRestore());
    Command.of("tar", "-cf", archive.toString(), "-C", "/etc", "hostname").run().orFail();
    assertEquals(Status.Code.INVALID_ARGUMENT, refusedRestore());
  }

  @Test
  void archiveWithALinkForAnImage_isRefused() throws IOException {
    // CRIU would read the host's file into the container's memory.
    Path made = Files.createDirectories(archive.resolveSibling("made"));
    Files.createDirectory(made.resolve("checkpoint"));
    Files.createSymbolicLink(made.resolve("checkpoint/pages-1.img"), Path.of("/etc/shadow"));
    Files.writeString(
        made.resolve("config.dump"), "{\"rootfsImageName\": \"" + node.busybox() + "\"}");
    Command.of("tar", "-cf", archive.toString(), "-C", made.toString(), "checkpoint", "config.dump")
        .run()
        .orFail();

    assertEquals(Status.Code.INVALID_ARGUMENT, refusedRestore());
  }

  private Status.Code refusedRestore() {
    return assertThrows(StatusRuntimeException.class, () -> restore(pod, "none"))
        .getStatus()
        .getCode();
  }

  @Test
  void daemonKilledWhileSaving_thawsTheContainerWhenItIsBack() throws IOException {
    String container = count("frozen");
    // As kill -9 in the middle of saving leaves it.
    Path workspace = node.directory().root().resolve("checkpoints").resolve(container);
    node.runtime().kill();
    Files.createDirectories(workspace.resolve("checkpoint"));
    Path state = freezerOf(container);
    Files.writeString(state, "FROZEN");
    node.startAgain();

    int then = last(pod.log("frozen"));
    pod.awaitLog("frozen", log -> last(log) > then + 2);
    assertFalse(Files.exists(workspace));
  }

  private Path freezerOf(String container) {
    return Path.of(
        "/sys/fs/cgroup/freezer", node.directory().cgroupParent(), container, "freezer.state");
  }

  private void assertNothingLeft() throws IOException {
    assertFalse(Files.exists(archive));
    Path workspaces = node.directory().root().resolve("checkpoints");
    if (Files.exists(workspaces)) {
      try (Stream<Path> left = Files.list(workspaces)) {
        assertEquals(List.of(), left.toList());
      }
    }
    try (Stream<Path> left = Files.list(archive.getParent())) {
      assertEquals(List.of(), left.toList());
    }
  }
}
