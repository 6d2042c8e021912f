package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images mounted as volumes, and the options of mounts. */
@Tag("root")
class VolumesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private TestPod pod;
  private String image;

  @BeforeEach
  void runPodAndPullVolume() {
    pod = TestPod.run(node);
    TestImage volume =
        TestImage.of(
            new LayerBuilder()
                .directory("data", 0755)
                .file("data/below", 0644, "below\n")
                .file("data/replaced", 0644, "below\n")
                .symlink("out", "/../../etc")
                .symlink("in", "/data")
                .gzipped(),
            new LayerBuilder()
                .file("data/replaced", 0644, "above\n")
                .file("own", 0600, "own\n")
                .gzipped());
    node.registry().open().push("test/volume", "1", volume);
    image = node.registry().open().reference("test/volume:1");
    node.crictl().out("pull", image);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  private Mount.Builder mount() {
    return Mount.newBuilder()
        .setImage(ImageSpec.newBuilder().setImage(image))
        .setContainerPath("/volume")
        .setReadonly(true);
  }

  private static Consumer<ContainerConfig.Builder> with(Mount.Builder mount) {
    return config -> config.addMounts(mount);
  }

  @Test
  void imageVolume_showsTheMergedLayersReadOnly() {
    String words =
        pod.output(
            "reads",
            with(mount()),
            "cat /volume/data/below /volume/data/replaced; touch /volume/x 2>&1 || echo refused");
    assertTrue(words.startsWith("below\nabove\n"), words);
    assertTrue(words.contains("Read-only file system"), words);
  }

  @Test
  void imageVolume_subPathIsResolvedInTheImage() {
    assertEquals(
        "below\nbelow\nown\n",
        pod.output(
            "paths",
            config ->
                config
                    .addMounts(mount().setImageSubPath("data"))
                    .addMounts(mount().setContainerPath("/linked").setImageSubPath("in"))
                    .addMounts(mount().setContainerPath("/file").setImageSubPath("own")),
            "cat /volume/below /linked/below /file"));
  }

  @Test
  void imageVolume_subPathCannotLeaveTheImage() {
    for (String path : new String[] {"nothing", "out/passwd", "../../../../etc/passwd", "own/x"}) {
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> pod.create("leaves", with(mount().setImageSubPath(path))));
      assertTrue(refused.getMessage().contains("ImageVolumeMountFailed: "), refused.getMessage());
      assertTrue(refused.getMessage().contains("\"" + path + "\""), refused.getMessage());
    }
  }

  @Test
  void imageVolume_askedForWronglyIsRefused() {
    for (Mount.Builder wrong :
        new Mount.Builder[] {mount().setReadonly(false), mount().setHostPath("/tmp")}) {
      var refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("wrong", with(wrong)));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
    var missing =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                pod.create(
                    "missing",
                    with(mount().setImage(ImageSpec.newBuilder().setImage("no/such:image")))));
    assertEquals(Status.Code.NOT_FOUND, missing.getStatus().getCode());
  }

  @Test
  void imageVolume_isToldInTheStatusAndOutlivesItsImage() {
    String container =
        pod.run(
            "lives", config -> with(mount()).accept(config.addCommand("sleep").addCommand("9")));
    String reference = pod.status(container).getMounts(0).getImage().getImageRef();
    assertEquals(node.crictl().json("inspecti", image).at("/status/id").asText(), reference);
    node.crictl().out("rmi", image);
    assertEquals("below\n", pod.execOutput(container, "cat", "/volume/data/below"));
    assertFalse(
        Command.of("cat", "/proc/self/mountinfo")
            .run()
            .orFail()
            .stdout()
            .contains("image-volumes"));
  }

  @Test
  void imageVolume_belongsToTheContainersRootInAUserNamespace() {
    IDMapping mapping = IDMapping.newBuilder().setHostId(600000).setLength(65536).build();
    UserNamespace users =
        UserNamespace.newBuilder()
            .setMode(NamespaceMode.POD)
            .addUids(mapping)
            .addGids(mapping)
            .build();
    try (TestPod mapped =
        TestPod.run(
            node,
            Configs.podSecurity(
                security ->
                    security.setNamespaceOptions(
                        NamespaceOption.newBuilder()
                            .setPid(NamespaceMode.CONTAINER)
                            .setUsernsOptions(users))))) {
      assertEquals(
          "own\n0:0\nabove\n",
          mapped.output(
              "mapped",
              with(mount()),
              "cat /volume/own; stat -c %u:%g /volume/own; cat /volume/data/replaced"));
    }
  }

  @Test
  void mountOptions_areApplied() throws IOException {
    Path source = Files.createTempDirectory(node.directory().scratch(), "options");
    Mount.Builder mount =
        Mount.newBuilder()
            .setHostPath(source.toString())
            .setContainerPath("/data")
            .addMountOptions("noexec")
            .addMountOptions("nodev")
            .addMountOptions("nosuid");
    String words =
        pod.output(
            "options",
            with(mount),
            "grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6;"
                + " cp /bin/busybox /data/; /data/busybox true 2>&1 || echo refused");
    assertTrue(words.startsWith("rw,nosuid,nodev,noexec"), words);
    assertTrue(words.endsWith("refused\n"), words);
    var refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> pod.create("unknown", with(mount.clone().addMountOptions("strange"))));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains("\"strange\""), refused.getMessage());
  }

  @Test
  void recursiveReadOnly_reachesMountsBelow() throws IOException {
    Path source = Files.createTempDirectory(node.directory().scratch(), "rro");
    Path below = Files.createDirectory(source.resolve("below"));
    Command.of("mount", "-t", "tmpfs", "none", below.toString()).run().orFail();
    try {
      Mount.Builder mount =
          Mount.newBuilder()
              .setHostPath(source.toString())
              .setContainerPath("/data")
              .setReadonly(true);
      String script = "touch /data/below/x 2>/dev/null && echo written || echo refused";
      assertEquals("written\n", pod.output("plain", with(mount), script));
      assertEquals(
          "refused\n",
          pod.output("recursive", with(mount.clone().setRecursiveReadOnly(true)), script));
    } finally {
      Command.of("umount", below.toString()).run().orFail();
    }
  }
}
