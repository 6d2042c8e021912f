package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.v1.CheckFinding;
import io.gantry.proto.v1.CheckRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon's root on file systems of several kinds, each made in a file for the test. */
@Tag("root")
class FileSystemsIT {

  private static final String MAX_BYTES = "gantry.io/writable-layer-max-bytes";
  private static final long IMAGE_BYTES = 512 << 20;
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.empty();

  /** What is tried on a file system. */
  private interface Trial {
    void on(Path root) throws IOException;
  }

  /**
   * Gives the daemon a new file system for its root, and then the old one again.
   *
   * @param making the program that makes it, with its options
   */
  private static void on(String options, List<String> making, Trial trial) throws IOException {
    assumeTrue(TestNode.isGantry(), "moves gantry's directories");
    assumeTrue(
        Files.exists(Path.of("/usr/sbin/" + making.get(0)))
            || Files.exists(Path.of("/sbin/" + making.get(0))),
        "no " + making.get(0) + " here");
    Path root = node.directory().root();
    Path file = root.resolveSibling("disk");
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(IMAGE_BYTES);
    }
    List<String> words = new ArrayList<>(making);
    words.add(file.toString());
    Command.of(words).run().orFail();
    node.runtime().stop();
    Path kept = root.resolveSibling("kept");
    Files.move(root, kept);
    Files.createDirectory(root);
    Command.Outcome mounted =
        Command.of("mount", "-o", "loop" + options, file.toString(), root.toString()).run();
    try {
      assumeTrue(mounted.succeeded(), () -> "this kernel cannot: " + mounted.stderr().strip());
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
      try {
        node.startAgain();
        trial.on(root);
      } finally {
        node.removeAllPods();
        node.runtime().stop();
        // Shims that are on their way out may hold it for a moment.
        Eventually.holds(
            "it is unmounted",
            SOON,
            () -> assertTrue(Command.of("umount", root.toString()).run().succeeded()));
      }
    } finally {
      Files.delete(root);
      Files.move(kept, root);
      Files.delete(file);
      node.startAgain();
    }
  }

  private static List<String> making(String kind) {
    return switch (kind) {
      case "ext4" -> List.of("mkfs.ext4", "-q", "-F");
      case "xfs" -> List.of("mkfs.xfs", "-q", "-f");
      default -> List.of("mkfs." + kind, "-q", "-f");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void imagesAndContainers_live(String kind) throws IOException {
    on("", making(kind), root -> live());
  }

  private static void live() {
    node.crictl().out("pull", node.busybox());
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      assertEquals(
          "", pod.execOutput(container, "sh", "-c", "rm /bin/ls; mkdir /d; echo x > /d/x"));
      assertEquals("x\n", pod.execOutput(container, "cat", "/d/x"));
      List<CheckFinding> findings = new ArrayList<>();
      node.cri()
          .imagesBeyondCri()
          .check(CheckRequest.getDefaultInstance())
          .forEachRemaining(findings::add);
      assertEquals(1, findings.size(), findings::toString);
      assertTrue(findings.get(0).getChecked() > 3, findings::toString);
    }
    node.runtime().kill();
    node.startAgain();
    node.crictl().out("rmi", node.busybox());
    assertEquals("", node.crictl().out("images", "-q"));
  }

  @Test
  void quotaOfALayer_isKept_onExt4() throws IOException {
    on(
        ",prjquota",
        List.of("mkfs.ext4", "-q", "-F", "-O", "quota,project", "-E", "quotatype=prjquota"),
        root -> quotas());
  }

  @Test
  void quotaOfALayer_isKept_onXfs() throws IOException {
    on(",prjquota", making("xfs"), root -> quotas());
  }

  private static void quotas() {
    node.crictl().out("pull", node.busybox());
    try (TestPod pod = TestPod.run(node)) {
      String limited = pod.run("limited", sleeping("8000000"));
      String free = pod.run("free", "sleep", "1000");
      String fill = "head -c 16000000 /dev/zero > /filler; wc -c < /filler";

      long written = Long.parseLong(pod.execOutput(limited, "sh", "-c", fill).strip());
      assertTrue(written < 8_000_000, written + " bytes");
      assertTrue(written > 7_000_000, written + " bytes");
      assertEquals("16000000\n", pod.execOutput(free, "sh", "-c", fill));
      assertEquals("", pod.execOutput(limited, "sh", "-c", "rm /filler; echo again > /again"));

      Eventually.holds(
          "the usage is told",
          SOON,
          () -> {
            String stats = node.crictl().out("stats", "-o", "json", "--id", free);
            assertTrue(
                stats.replaceAll("\\s", "").matches(".*\"usedBytes\":\\{\"value\":\"16\\d{6}\"}.*"),
                stats);
          });
    }
  }

  private static Consumer<ContainerConfig.Builder> sleeping(String maxBytes) {
    return config ->
        config.putAnnotations(MAX_BYTES, maxBytes).addAllCommand(List.of("sleep", "1000"));
  }

  @Test
  void quotaOfALayer_whereTheFileSystemHasNone_isRefused() {
    assumeTrue(TestNode.isGantry(), "gantry's own annotation");
    String mount =
        Command.of("findmnt", "-n", "-o", "OPTIONS", "-T", node.directory().root().toString())
            .run()
            .stdout();
    assumeTrue(!mount.contains("prjquota"), "it has");
    node.crictl().out("pull", node.busybox());
    try (TestPod pod = TestPod.run(node)) {
      Status refused =
          assertThrows(
                  StatusRuntimeException.class, () -> pod.create("limited", sleeping("8000000")))
              .getStatus();
      assertEquals(Status.Code.FAILED_PRECONDITION, refused.getCode(), refused::toString);
      assertTrue(
          refused.getDescription().contains("mounted with prjquota"), refused.getDescription());
      assertFalse(node.crictl().out("ps", "-a").contains("limited"));
    }
  }
}
