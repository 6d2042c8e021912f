package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.MountPropagation;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.RuntimeHandlers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.tools.Command;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Directories and files of the host inside containers, and where later mounts show up. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class MountsIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

  private TestPod pod;
  private Path source;

  @BeforeEach
  void runPodAndShareADirectory() throws IOException {
    pod = TestPod.run(node, handler);
    source = Files.createTempDirectory(node.directory().scratch(), "source");
    // Propagation needs a mount point of its own that is shared.
    Command.of("mount", "--bind", source.toString(), source.toString()).run().orFail();
    Command.of("mount", "--make-rshared", source.toString()).run().orFail();
  }

  @AfterEach
  void removePodAndMount() {
    try {
      pod.close();
    } finally {
      Command.of("umount", "-R", source.toString()).run().orFail();
    }
  }

  @Test
  void bindMount_isReadAndWrittenOnBothSides() throws IOException {
    Files.writeString(source.resolve("from-host"), "host\n");

    String words =
        pod.output(
            "binds",
            config -> config.addMounts(mount("/data")),
            "cat /data/from-host; echo inside > /data/from-inside");

    assertEquals("host\n", words);
    assertEquals("inside\n", Files.readString(source.resolve("from-inside")));
  }

  @Test
  void hugePages_areMountedAsTheKubeletDoes() throws IOException {
    // A volume "emptyDir: {medium: HugePages}" is a hugetlbfs that the kubelet mounts on the host.
    Path pages = Files.createDirectory(source.resolve("pages"));
    Command.of("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", pages.toString())
        .run()
        .orFail();

    String words =
        pod.output(
            "huge",
            config -> config.addMounts(mount("/hugepages").setHostPath(pages.toString())),
            "grep -c ' /hugepages hugetlbfs rw,' /proc/mounts; touch /hugepages/from-inside");

    assertEquals("1\n", words);
    assertTrue(Files.exists(pages.resolve("from-inside")));
  }

  @Test
  void readOnlyMount_refusesWrites() {
    String words =
        pod.output(
            "reads",
            config -> config.addMounts(mount("/data").setReadonly(true)),
            "touch /data/x 2>&1 || echo refused");

    assertTrue(words.contains("Read-only"), words);
    assertFalse(Files.exists(source.resolve("x")));
  }

  @Test
  void singleFile_canBeMounted() throws IOException {
    Path file = Files.writeString(source.resolve("file"), "content\n");

    assertEquals(
        "content\n",
        pod.output(
            "file",
            config -> config.addMounts(mount("/etc/deep/new/file").setHostPath(file.toString())),
            "cat /etc/deep/new/file"));
  }

  @Test
  void symbolicLinkAsSource_isResolved() throws IOException {
    Path target = Files.createDirectory(source.resolve("target"));
    Files.writeString(target.resolve("file"), "content\n");
    Path link = Files.createSymbolicLink(source.resolve("link"), target);

    assertEquals(
        "content\n",
        pod.output(
            "link",
            config -> config.addMounts(mount("/data").setHostPath(link.toString())),
            "cat /data/file"));
  }

  @Test
  void containerPath_cannotLeaveTheRoot() throws IOException {
    assumeTrue(
        !handler.equals(RuntimeHandlers.CRUN), "it refuses a link that leads nowhere in the root");
    // Neither by a symbolic link of the image nor by its dots: what is missing of the path is made
    // inside of the container's root.
    Path outside = Files.createTempDirectory(node.directory().scratch(), "outside");
    String reference = node.registry().open().reference("mounts/escape:1");
    node.registry()
        .open()
        .push(
            "mounts/escape",
            "1",
            node.registry()
                .images()
                .marked("escape")
                .plus(new LayerBuilder().symlink("escape", outside.toString()).gzipped()));
    node.crictl().out("pull", reference);
    Files.writeString(source.resolve("file"), "content\n");

    String words =
        pod.output(
            "escape",
            config ->
                config
                    .setImage(ImageSpec.newBuilder().setImage(reference))
                    .addMounts(mount("/escape/by-link"))
                    .addMounts(mount("/tmp/../../../../.." + outside + "/by-dots")),
            "cat " + outside + "/by-link/file " + outside + "/by-dots/file");

    assertEquals("content\ncontent\n", words);
    try (Stream<Path> made = Files.list(outside)) {
      assertEquals(List.of(), made.toList());
    }
  }

  @Test
  void privatePropagation_hidesLaterMountsOfTheHost() {
    assertEquals("", seenAfterHostMounts(MountPropagation.PROPAGATION_PRIVATE));
  }

  @Test
  void hostToContainer_showsLaterMountsOfTheHost() {
    assertEquals("marker", seenAfterHostMounts(MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
  }

  @Test
  void bidirectional_showsLaterMountsOfTheContainerOnTheHost() throws IOException {
    try (TestPod privileged =
        TestPod.run(node, handler, Configs.podSecurity(security -> security.setPrivileged(true)))) {
      privileged.output(
          "mounts",
          Configs.security(security -> security.setPrivileged(true))
              .andThen(
                  config ->
                      config.addMounts(
                          mount("/data")
                              .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))),
          "mkdir /data/sub && mount -t tmpfs none /data/sub && touch /data/sub/marker");

      assertTrue(Files.exists(source.resolve("sub/marker")));
    }
  }

  @Test
  void bidirectional_ofASourceThatIsNotSharedIsRefused() throws IOException {
    Path notShared = Files.createTempDirectory(node.directory().scratch(), "private");
    Command.of("mount", "--bind", notShared.toString(), notShared.toString()).run().orFail();
    Command.of("mount", "--make-private", notShared.toString()).run().orFail();
    try {
      StatusRuntimeException refusal =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  pod.run(
                      "refused",
                      config ->
                          config
                              .addCommand("true")
                              .addMounts(
                                  mount("/data")
                                      .setHostPath(notShared.toString())
                                      .setPropagation(
                                          MountPropagation.PROPAGATION_BIDIRECTIONAL))));
      assertTrue(refusal.getMessage().contains("shared"), refusal.getMessage());
      assertTrue(refusal.getMessage().contains(notShared.toString()), refusal.getMessage());
    } finally {
      Command.of("umount", notShared.toString()).run().orFail();
    }
  }

  @Test
  void rootFilesystem_doesNotAppearInTheHostsMountTable() throws IOException {
    assumeTrue(
        handler.equals(RuntimeHandlers.DEFAULT), "other shims mount it where everybody sees it");
    String container = pod.run("app", "sleep", "1000");
    assumeTrue(TestNode.isGantry(), "a promise of gantry's own");

    assertFalse(
        Files.readString(Path.of("/proc/self/mountinfo")).contains(container),
        "an overlay of the container in the host's mount table");
  }

  /**
   * What a container sees in a directory into which the host mounts after the container started.
   */
  private String seenAfterHostMounts(MountPropagation propagation) {
    Path inner = source.resolve("inner");
    try {
      Files.createDirectory(inner);
      String container =
          pod.run(
              "sees",
              config ->
                  config
                      .addCommand("sleep")
                      .addArgs("1000")
                      .addMounts(mount("/data").setPropagation(propagation)));
      Command.of("mount", "-t", "tmpfs", "none", inner.toString()).run().orFail();
      Files.writeString(inner.resolve("marker"), "x");
      return pod.execOutput(container, "ls", "/data/inner").strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Mount.Builder mount(String containerPath) {
    return Mount.newBuilder().setHostPath(source.toString()).setContainerPath(containerPath);
  }
}
