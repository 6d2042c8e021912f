package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.SharedRegistry;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.CriuProgram;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Containers made from checkpoints: from archives, and from images that hold one, as buildah makes
 * them.
 */
@Tag("root")
class RestoreIT {
  private static final String MARK = "org.criu.checkpoint.container.name";
  private static final String COUNTER =
      "echo kept > /made; rm /etc/group; n=0; while true; do n=$((n+1)); echo $n; sleep 0.1; done";

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory ->
              "\n[checkpoint]\nimages = true\ncriu = \"%s\"\n".formatted(CriuProgram.orSkip()));

  private TestPod pod;
  private Path archive;
  private Layer checkpoint;
  private int then;

  @BeforeEach
  void save() throws IOException {
    node.crictl().out("pull", node.busybox());
    pod = TestPod.run(node);
    String saved =
        pod.run(
            "saved",
            config -> {
              Configs.hidingPaths().accept(config);
              config.addAllCommand(List.of("sh", "-c", COUNTER));
            });
    pod.awaitLog("saved", log -> last(log) >= 3);
    archive = Files.createTempDirectory(node.directory().scratch(), "archive").resolve("c.tar");
    node.crictl().out("checkpoint", "--export=" + archive, saved);
    then = last(pod.log("saved"));
    pod.remove(saved);
    checkpoint = Layer.plain(Files.readAllBytes(archive));
  }

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  private static int last(ContainerLog log) {
    List<String> lines = log.stdout().lines().toList();
    return lines.isEmpty() ? 0 : Integer.parseInt(lines.get(lines.size() - 1));
  }

  /** Pushes and pulls an image; its id. */
  private static String pull(TestImage image) {
    String repository = "checkpoints/" + UUID.randomUUID();
    node.registry().open().push(repository, "1", image);
    node.crictl().out("pull", node.registry().open().reference(repository + ":1"));
    return image.id();
  }

  private String create(String image) {
    return create(pod, image);
  }

  private static String create(TestPod target, String image) {
    return target.create(
        "back",
        config -> {
          Configs.hidingPaths().accept(config);
          config.setImage(ImageSpec.newBuilder().setImage(image));
        });
  }

  private void assertGoesOn(String back) {
    assertEquals(ContainerState.CONTAINER_CREATED, pod.status(back).getState());
    pod.start(back);
    ContainerLog log = pod.awaitLog("back", lines -> last(lines) > then);
    int first = Integer.parseInt(log.stdout().lines().findFirst().orElseThrow());
    assertTrue(first > 2 && first <= then + 1, "it went on with " + first + " after " + then);
    assertEquals("kept\n", pod.execOutput(back, "cat", "/made"));
  }

  @Test
  void restoredContainer_goesOnWhereItWasSaved_inAnotherPod() {
    try (TestPod other = TestPod.run(node)) {
      String back = create(other, archive.toString());
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
    String back = create(archive.toString());
    pod.start(back);
    Files.delete(archive);

    node.crictl().out("checkpoint", "--export=" + archive, back);

    String names = Command.of("tar", "-tf", archive.toString()).run().orFail().stdout();
    assertTrue(names.contains("checkpoint/inventory.img\n"), names);
    int now = last(pod.log("back"));
    pod.awaitLog("back", log -> last(log) > now);
  }

  private Status.Code refusal(String image) {
    return assertThrows(StatusRuntimeException.class, () -> create(image)).getStatus().getCode();
  }

  @Test
  void archiveThatIsNone_isRefused() throws IOException {
    Files.delete(archive);
    assertEquals(Status.Code.NOT_FOUND, refusal(archive.toString()));
    Files.writeString(archive, "no archive");
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal(archive.toString()));
    Command.of("tar", "-cf", archive.toString(), "-C", "/etc", "hostname").run().orFail();
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal(archive.toString()));
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

    assertEquals(Status.Code.INVALID_ARGUMENT, refusal(archive.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {MARK, "io.kubernetes.cri-o.annotations.checkpoint.name"})
  void imageMarkedAsACheckpoint_isRestored(String mark) {
    assertGoesOn(create(pull(TestImage.of(checkpoint).annotation(mark, "saved"))));
  }

  @Test
  void imageMarkedByALabel_isRestored() {
    assertGoesOn(create(pull(TestImage.of(checkpoint).label(MARK, "saved"))));
  }

  @Test
  void mark_isKnownToTheNextDaemon() {
    String image = pull(TestImage.of(checkpoint).annotation(MARK, "later"));
    node.runtime().stop();
    node.startAgain();

    assertGoesOn(create(image));
  }

  @Test
  void checkpointOnTopOfTheImageItself_isRestored() {
    TestImage busybox = node.registry().images().busybox();

    assertGoesOn(create(pull(busybox.plus(checkpoint).annotation(MARK, "saved"))));
  }

  @Test
  void baseImageThatIsMissing_isPulled() {
    String image = pull(TestImage.of(checkpoint).annotation(MARK, "saved"));
    node.crictl().out("rmi", node.busybox());

    assertGoesOn(create(image));
  }

  @Test
  void containerInTheMaking_outlivesItsImage() {
    String image = pull(TestImage.of(checkpoint).annotation(MARK, "saved"));
    String back = create(image);
    node.crictl().out("rmi", image);

    assertGoesOn(back);
  }

  @Test
  void markedImageWithoutACheckpoint_isRefused() {
    Layer none = new LayerBuilder().file("config.dump", 0644, "{}").gzipped();
    Layer linked =
        new LayerBuilder().symlink("checkpoint", "/etc").file("config.dump", 0644, "{}").gzipped();

    for (TestImage image :
        List.of(
            TestImage.of(none), TestImage.of(linked), TestImage.of(checkpoint).plus(checkpoint))) {
      String id = pull(image.annotation(MARK, "none"));
      var refused = assertThrows(StatusRuntimeException.class, () -> create(id));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode(), refused::toString);
    }
  }

  @Test
  void imageThatIsNotMarked_isAnImage() {
    String plain = pull(node.registry().images().busybox().plus(checkpoint));
    String container =
        pod.create(
            "plain",
            config ->
                config
                    .setImage(ImageSpec.newBuilder().setImage(plain))
                    .addAllCommand(List.of("cat", "/config.dump")));
    pod.start(container);

    pod.awaitExit(container);
    assertTrue(pod.log("plain").stdout().contains(SharedRegistry.BUSYBOX));
  }
}
