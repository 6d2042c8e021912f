package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.proto.cri.v1.CheckpointContainerRequest;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.CriuProgram;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

  private static CriuProgram criu;

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory -> {
            criu = CriuProgram.in(directory.path().resolve("criu"));
            return "\n[checkpoint]\ncriu = \"%s\"\n".formatted(criu.path());
          });

  private TestPod pod;
  private Path archive;

  @BeforeEach
  void runPod() throws IOException {
    pod = TestPod.run(node);
    archive = Files.createTempDirectory(node.directory().scratch(), "archive").resolve("c.tar");
  }

  @AfterEach
  void removePod() {
    criu.hang(false);
    pod.close();
  }

  private String count(String name) {
    String container =
        pod.run(
            name,
            config -> {
              Configs.hidingPaths().accept(config);
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

  @Test
  void imageThatIsACheckpoint_isNotRestored_unlessThatIsAllowed() throws IOException {
    String container = count("tempting");
    node.crictl().out("checkpoint", "--export=" + archive, container);
    TestImage image =
        TestImage.of(Layer.plain(Files.readAllBytes(archive)))
            .annotation("org.criu.checkpoint.container.name", "tempting");
    node.registry().open().push("checkpoints/tempting", "1", image);
    node.crictl().out("pull", node.registry().open().reference("checkpoints/tempting:1"));

    var refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                pod.create(
                    "back",
                    config -> config.setImage(ImageSpec.newBuilder().setImage(image.id()))));

    assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains("checkpoint.images"), refused::getMessage);
  }

  @Test
  void timeoutOfTheRequest_endsSavingAndTheContainerRunsOn() throws IOException {
    String container = count("patient");
    criu.hang(true);
    var request =
        CheckpointContainerRequest.newBuilder()
            .setContainerId(container)
            .setLocation(archive.toString())
            .setTimeout(2)
            .build();

    // The call itself may take a minute.
    var late =
        assertThrows(
            StatusRuntimeException.class, () -> node.cri().runtime().checkpointContainer(request));

    assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
    assertTrue(late.getMessage().contains("not done in time"), late::getMessage);
    int then = last(pod.log("patient"));
    pod.awaitLog("patient", log -> last(log) > then + 2);
    assertNothingLeft();
    criu.hang(false);
    node.crictl().out("checkpoint", "--export=" + archive, container);
  }

  @Test
  void negativeTimeout_isRefused() {
    var request =
        CheckpointContainerRequest.newBuilder()
            .setContainerId(pod.run("negative", "sleep", "1000"))
            .setLocation(archive.toString())
            .setTimeout(-1)
            .build();
    var refused =
        assertThrows(
            StatusRuntimeException.class, () -> node.cri().runtime().checkpointContainer(request));

    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
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
