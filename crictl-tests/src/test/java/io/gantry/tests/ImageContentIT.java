package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.LayerBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What of an image's layers arrives in a container's root, looked at from the host. */
@Tag("root")
class ImageContentIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  private static TestPod pod;
  private static Path data;

  @BeforeAll
  static void runTheImage() {
    String reference = node.registry().open().reference("test/kinds:1");
    node.crictl().out("pull", reference);
    pod = TestPod.run(node);
    String container =
        pod.run(
            "kinds",
            config ->
                config
                    .setImage(ImageSpec.newBuilder().setImage(reference))
                    .addCommand("sleep")
                    .addArgs("1000"));
    data = pod.inside(container, "/data");
  }

  @AfterAll
  static void removeThePod() {
    if (pod != null) {
      pod.close();
    }
  }

  @Test
  void whiteout_removesFilesAndDirectoriesOfLowerLayers() {
    assertFalse(Files.exists(data.resolve("removed")));
    assertFalse(Files.exists(data.resolve("gone")));
    assertFalse(Files.exists(data.resolve(".wh.removed")), "the marker itself must not appear");
  }

  @Test
  void opaqueDirectory_hidesWhatLowerLayersHaveInIt() {
    assertFalse(Files.exists(data.resolve("hidden/lower")));
    assertTrue(Files.exists(data.resolve("hidden/upper")));
    assertFalse(Files.exists(data.resolve("hidden/.wh..wh..opq")));
  }

  @Test
  void upperLayer_replacesContentModeAndKind() throws IOException {
    assertEquals("upper\n", Files.readString(data.resolve("replaced")));
    assertEquals(0600, mode("replaced"));
    assertTrue(Files.isDirectory(data.resolve("becomes-directory")));
    assertEquals(0711, mode("becomes-directory"));
  }

  @Test
  void ownerModeAndTime_areKept() throws IOException {
    assertEquals(1000, attribute("kept", "unix:uid"));
    assertEquals(1001, attribute("kept", "unix:gid"));
    assertEquals(0640, mode("kept"));
    assertEquals(
        LayerBuilder.MODIFIED_EPOCH_SECONDS,
        Files.getLastModifiedTime(data.resolve("kept")).toInstant().getEpochSecond());
    assertEquals(
        LayerBuilder.MODIFIED_EPOCH_SECONDS,
        Files.getLastModifiedTime(data.resolve("sticky")).toInstant().getEpochSecond(),
        "a directory's time, although files were put into it afterwards");
  }

  @Test
  void setuidSetgidAndStickyBits_areKept() throws IOException {
    assertEquals(04755, mode("setuid"));
    assertEquals(02755, mode("setgid"));
    assertEquals(50, attribute("setgid", "unix:gid"));
    assertEquals(01777, mode("sticky"));
  }

  @Test
  void hardLinks_areOneFile() throws IOException {
    assertEquals(attribute("attributed", "unix:ino"), attribute("second-name", "unix:ino"));
    assertEquals(2, attribute("attributed", "unix:nlink"));
  }

  @Test
  void symbolicLinks_keepTheirTargetAsWritten() throws IOException {
    assertEquals(Path.of("replaced"), Files.readSymbolicLink(data.resolve("link")));
    assertEquals(Path.of("/data/replaced"), Files.readSymbolicLink(data.resolve("absolute-link")));
  }

  @Test
  void fifosAndDevices_areMade() throws IOException {
    assertEquals(0010000 | 0622, attribute("fifo", "unix:mode"));
    assertEquals(0020000 | 0666, attribute("null", "unix:mode"));
    assertEquals((1L << 8) | 3, ((Number) attribute("null", "unix:rdev")).longValue());
  }

  @Test
  void extendedAttributes_areKept() throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(data.resolve("attributed"), UserDefinedFileAttributeView.class);
    ByteBuffer value = ByteBuffer.allocate(view.size("gantry"));
    view.read("gantry", value);
    assertEquals("kept", new String(value.array(), StandardCharsets.UTF_8));
  }

  @Test
  void longAndForeignNames_areKept() {
    String name = "ünïcödé and a " + "very-".repeat(40) + "long name";
    assertTrue(Files.exists(data.resolve(name)));
  }

  private static int mode(String name) throws IOException {
    return (int) attribute(name, "unix:mode") & 07777;
  }

  private static Object attribute(String name, String attribute) throws IOException {
    return Files.getAttribute(data.resolve(name), attribute, LinkOption.NOFOLLOW_LINKS);
  }
}
