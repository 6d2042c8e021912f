package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.registry.TestRegistry;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Pulls of images that are unlike others, from Debian's docker-registry. */
@Tag("root")
class PullIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  // "gantry-secret" by bcrypt.
  private static final TestRegistry.Credentials KNOWN =
      new TestRegistry.Credentials(
          "reader",
          "gantry-secret",
          "$2a$04$fbLNZb1EhXNupILLgZaTBO.YrlpL/UVg8Bi6pX.xSc9Vg7se4TBuO");

  @BeforeAll
  static void onlyGantry() {
    Assumptions.assumeTrue(TestNode.isGantry(), "gantry's own abilities");
  }

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", "--all");
  }

  private static String push(String name, TestImage image) {
    node.registry().open().push("test/" + name, "1", image);
    return node.registry().open().reference("test/" + name + ":1");
  }

  private static String output(String reference, String script) {
    try (TestPod pod = TestPod.run(node)) {
      return pod.output(
          "c", config -> config.setImage(ImageSpec.newBuilder().setImage(reference)), script);
    }
  }

  @Test
  void imageOfManyLayers_isMounted() {
    TestImage image = node.registry().images().busybox();
    for (int i = 0; i < 150; i++) {
      image =
          image.plus(
              new LayerBuilder()
                  .file("layer-" + i, 0644, "content of " + i)
                  .file("last", 0644, "layer " + i)
                  .gzipped());
    }
    String reference = push("many", image);
    node.crictl().out("pull", reference);
    assertEquals(
        "content of 0, content of 149, layer 149, 150\n",
        output(
            reference,
            "echo \"$(cat /layer-0), $(cat /layer-149), $(cat /last), $(ls -d /layer-* | wc -l)\""));
  }

  @Test
  void largeLayer_comesInParts_byteForByte() {
    // Does not shrink by compression, and is of three parts.
    byte[] noise = new byte[70 << 20];
    new Random(9).nextBytes(noise);
    String reference =
        push(
            "large",
            node.registry()
                .images()
                .busybox()
                .plus(new LayerBuilder().file("noise", 0644, noise).plain()));
    node.crictl().out("pull", reference);
    assertEquals(
        new Layer(noise, "", Layer.Compression.NONE).digest().substring("sha256:".length())
            + "  /noise\n",
        output(reference, "sha256sum /noise"));
  }

  @Test
  void imageThatSkopeoCompressedWithZstd_isUnpacked() {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/skopeo")), "no skopeo here");
    String plain = push("to-zstd", node.registry().images().marked("zstd"));
    String zstd = node.registry().open().reference("test/zstd:1");
    Command.of(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--format=oci",
            "--dest-compress-format=zstd",
            "docker://" + plain,
            "docker://" + zstd)
        .run()
        .orFail();
    node.crictl().out("pull", zstd);
    assertEquals("zstd", output(zstd, "cat /zstd"));
  }

  @Test
  void credentialsOfTheNode_openAGuardedRegistry_andAreReadAnew(@TempDir Path directory)
      throws IOException {
    try (TestRegistry guarded = TestRegistry.guarded(directory, KNOWN)) {
      guarded.push("secret", "1", node.registry().images().marked("secret"));
      String reference = guarded.reference("secret:1");
      Path hosts = Files.createDirectories(node.directory().registries().resolve(guarded.host()));
      Files.writeString(
          hosts.resolve("hosts.toml"),
          "server = \"" + guarded.url() + "\"\nuser = \"reader\"\npassword_file = \"password\"\n");
      Files.writeString(hosts.resolve("password"), "wrong-secret\n");
      String refusal = node.crictl().refusal("pull", reference);
      assertTrue(refusal.contains("refused the password of user reader"), refusal);
      Files.writeString(hosts.resolve("password"), "gantry-secret\n");
      node.crictl().out("pull", reference);
      String log = Files.readString(node.directory().daemonLog());
      assertFalse(log.contains("wrong-secret") || log.contains("gantry-secret"), "in the log");
    }
  }

  @Test
  void bomb_isDefused_andLeavesTheDiskAsItWas() throws IOException {
    byte[] bomb = bomb();
    assertTrue(bomb.length < 12 << 20, bomb.length + " bytes");
    String reference =
        push(
            "bomb",
            node.registry()
                .images()
                .busybox()
                .plus(new Layer(bomb, "sha256:" + "0".repeat(64), Layer.Compression.GZIP)));
    node.crictl().out("pull", node.busybox());
    long before = files();
    String refusal = node.crictl().refusal("pull", reference);
    assertTrue(refusal.contains("which is too much for its size"), refusal);
    node.crictl().run("rmi", reference);
    node.crictl().out("rmi", node.busybox());
    node.crictl().out("pull", node.busybox());
    Eventually.holds("the disk is as before", Duration.ofSeconds(30), () -> check(before));
  }

  private static void check(long before) {
    assertEquals(before, files());
  }

  private static long files() {
    try (Stream<Path> all = Files.walk(node.directory().root())) {
      return all.filter(path -> !path.toString().contains("/events")).count();
    } catch (IOException | UncheckedIOException e) {
      return -1; // Something is just being deleted.
    }
  }

  /** Some 10 MB that are an archive of 10 GB: one member after the other, each of zeros. */
  private static byte[] bomb() throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry("zeros");
    entry.setSize(10L << 30);
    byte[] header = new byte[512];
    entry.writeEntryHeader(header, ZipEncodingHelper.getZipEncoding("UTF-8"), true);
    byte[] zeros = gzip(new byte[64 << 20]);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(gzip(header));
    for (int i = 0; i < 160; i++) {
      bomb.write(zeros);
    }
    return bomb.toByteArray();
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(plain);
    }
    return compressed.toByteArray();
  }
}
