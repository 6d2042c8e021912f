package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to images on disk is seen, and made good from their registry. */
@Tag("root")
class StoreIT {

  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private Layer layer;
  private String image;

  @BeforeEach
  void pull() {
    assumeTrue(TestNode.isGantry(), "gantry's own abilities");
    layer =
        new LayerBuilder().file("words", 04755, "as they were\n").file("other", 0644, "").gzipped();
    node.registry()
        .open()
        .push(
            "test/store",
            "1",
            TestImage.of(layer, node.registry().images().busybox().layers().get(0)).command("sh"));
    image = node.registry().open().reference("test/store:1");
    node.crictl().out("pull", image);
  }

  @AfterEach
  void remove() {
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.removeAllPods();
    node.crictl().run("rmi", image);
  }

  private static Command.Outcome fsck(String... more) {
    return Command.of(
            Stream.concat(
                    Stream.of(
                        Checkout.distribution().resolve("bin/gantry").toString(),
                        "system",
                        "fsck",
                        "--socket",
                        node.directory().socket().toString()),
                    Stream.of(more))
                .toList())
        .run();
  }

  private Path blob() {
    return node.directory()
        .root()
        .resolve("content/blobs/sha256")
        .resolve(layer.digest().substring("sha256:".length()));
  }

  /** Where the image's own file lies on disk. */
  private static Path words() throws IOException {
    try (Stream<Path> layers = Files.list(node.directory().root().resolve("snapshots/l"))) {
      return layers
          .map(directory -> directory.resolve("words"))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow();
    }
  }

  /** Another byte where nothing else tells of it: not the size, not the time. */
  private static void flip(Path file) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(3);
      int was = bytes.read();
      bytes.seek(3);
      bytes.write(was ^ 1);
    }
    Files.setLastModifiedTime(file, time);
  }

  private String output() {
    try (TestPod pod = TestPod.run(node)) {
      return pod.output(
          "app", config -> config.setImage(ImageSpec.newBuilder().setImage(image)), "cat /words");
    }
  }

  @Test
  void damage_isFoundAndRepaired_whileTheDaemonServes() throws IOException {
    Command.Outcome sound = fsck();
    assertEquals(0, sound.exitCode(), sound::toString);
    assertTrue(sound.stdout().endsWith(" MB): all sound\n"), sound.stdout());
    try (TestPod pod = TestPod.run(node)) {
      // A container that stands on the damaged layer must go on, with what it has.
      String running =
          pod.run(
              "app",
              config ->
                  config
                      .setImage(ImageSpec.newBuilder().setImage(image))
                      .addAllCommand(List.of("sleep", "1000")));
      flip(blob());
      flip(words());

      Command.Outcome found = fsck();
      assertEquals(1, found.exitCode(), found::toString);
      assertTrue(found.stdout().contains("blob " + layer.digest() + ": was damaged on disk"));
      assertTrue(found.stdout().endsWith("1 bad, 0 of them repaired\n"), found.stdout());

      Command.Outcome repaired = fsck("--repair");
      assertEquals(0, repaired.exitCode(), repaired::toString);
      assertTrue(repaired.stdout().contains("/words has other content"), repaired.stdout());
      assertTrue(
          repaired.stdout().contains(", fetched again from " + image.replace(":1", "")),
          repaired.stdout());
      assertTrue(repaired.stdout().endsWith("2 bad, 2 of them repaired\n"), repaired.stdout());

      assertEquals(0, fsck().exitCode());
      assertEquals("as they were\n", output());
      assertEquals("there\n", pod.execOutput(running, "echo", "there"));
    }
  }

  @Test
  void damage_isFoundAndRepaired_withoutADaemon() throws IOException {
    flip(words());
    node.runtime().stop();
    List<String> gantryd =
        List.of(
            Checkout.distribution().resolve("bin/gantryd").toString(),
            "--config",
            node.directory().path().resolve("gantry.toml").toString(),
            "--root",
            node.directory().root().toString(),
            "fsck");
    Command.Outcome found = Command.of(gantryd).run();
    assertEquals(1, found.exitCode(), found::toString);
    Command.Outcome repaired =
        Command.of(Stream.concat(gantryd.stream(), Stream.of("--repair")).toList()).run();
    assertEquals(0, repaired.exitCode(), repaired::toString);
    node.startAgain();
    assertEquals("as they were\n", output());
    Command.Outcome refused = Command.of(gantryd).run();
    assertEquals(3, refused.exitCode(), refused::toString);
    assertTrue(refused.stderr().contains("is in use by the gantryd"), refused.stderr());
  }

  @Test
  void afterTheMachineWentDown_theOneBadLayerIsMadeGood_withoutBeingAsked() throws IOException {
    node.runtime().kill();
    Path inUse = node.directory().root().resolve("images-in-use");
    Files.writeString(inUse, "another boot\n");
    flip(words());
    flip(blob());

    node.startAgain();

    Eventually.holds(
        "the images are checked",
        SOON,
        () -> {
          String log = Files.readString(node.directory().daemonLog());
          assertTrue(
              log.matches(
                  "(?s).*images are checked.* bad=2 repaired=2.*|(?s).*bad=2 repaired=2.*images are"
                      + " checked.*"),
              log);
        });
    assertEquals(0, fsck().exitCode());
    assertEquals("as they were\n", output());
  }

  @Test
  void pinnedImages_areWhatTheConfigurationNamesNow() throws IOException {
    Path configuration = node.directory().path().resolve("gantry.toml");
    String was = Files.readString(configuration);
    assertEquals("false", pinned());
    Files.writeString(configuration, was.replace("[images]", "[images]\npinned = [\"*/store:*\"]"));
    reread("true");
    Files.writeString(configuration, was);
    reread("false");
  }

  private void reread(String expected) {
    Command.of("kill", "-HUP", Long.toString(node.runtime().process().pid())).run().orFail();
    Eventually.holds("it is pinned or not", SOON, () -> assertEquals(expected, pinned()));
  }

  private String pinned() {
    return node.crictl()
        .out("inspecti", "-o", "go-template", "--template", "{{.status.pinned}}", image)
        .strip();
  }

  @Test
  void removedImage_isGoneFromTheDisk_whenTheAnswerComes() throws IOException {
    byte[] noise = new byte[8 << 20];
    new Random(3).nextBytes(noise);
    node.registry()
        .open()
        .push(
            "test/big",
            "1",
            TestImage.of(new LayerBuilder().file("noise", 0644, noise).plain()).command("sh"));
    String big = node.registry().open().reference("test/big:1");
    long before = bytes();
    node.crictl().out("pull", big);
    assertTrue(bytes() >= before + 2L * noise.length, "the blob and the layer");
    node.crictl().out("rmi", big);
    assertTrue(bytes() < before + noise.length, "both are gone");
  }

  private static long bytes() throws IOException {
    try (Stream<Path> all =
        Stream.concat(
            Files.walk(node.directory().root().resolve("content")),
            Files.walk(node.directory().root().resolve("snapshots")))) {
      return all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
