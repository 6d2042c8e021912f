package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Platform;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageArchivesTest {

  private static final byte[] BASE = new Archive().file("base", "b").tar();
  private static final byte[] TOP = new Archive().file("top", "t").tar();

  @TempDir Path root;
  private TestRegistry registry;
  private LocalImages images;

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    images = open();
  }

  private LocalImages open() throws IOException {
    return LocalImages.open(
        new ImagesSettings(
            root,
            List.of(),
            new Parallelism(2, 16, 2),
            new Platform("linux", "amd64", ""),
            new RegistrySettings("test", Patience.DEFAULT, 32 << 20, 4, ProxyRules.NONE),
            NodeCredentials.Settings.NONE,
            new UnpackLimits(1000, 1 << 20, 64 << 10, 10, 4096)),
        new MemoryTrees(),
        Clock.systemUTC(),
        Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    images.close();
    registry.close();
  }

  private ImageRecord pulled(String repository, byte[]... layers) throws Exception {
    registry.image(
        repository,
        "1",
        List.of(layers).stream().map(Archive::gzip).toList(),
        List.of(layers),
        "{}");
    return images
        .pull(PullRequest.anonymous(registry.host() + "/" + repository + ":1"))
        .get(20, TimeUnit.SECONDS);
  }

  private byte[] exported(ImageRecord image, String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    images.archives().write(List.of(new ImageArchives.Selection(image, List.of(names))), bytes);
    return bytes.toByteArray();
  }

  private List<ImageArchives.Imported> imported(byte[] archive) throws Exception {
    return images.archives().read(new ByteArrayInputStream(archive), (blob, size) -> {});
  }

  private ImageException refused(byte[] archive) throws IOException {
    int before = blobs();
    ImageException refusal = assertThrows(ImageException.class, () -> imported(archive));
    assertEquals(ImageException.Kind.CORRUPT, refusal.kind(), refusal::getMessage);
    assertEquals(before, blobs(), "what it had brought is gone");
    assertEquals(0, count("content/ingest"));
    assertEquals(0, count("assemblies"));
    return refusal;
  }

  private int blobs() throws IOException {
    return count("content/blobs/sha256");
  }

  private int count(String directory) throws IOException {
    try (var files = Files.list(root.resolve(directory))) {
      return (int) files.count();
    }
  }

  @Test
  void exportedImage_comesBackAsItWas() throws Exception {
    ImageRecord image = pulled("a", BASE, TOP);
    ImageDetails before = images.names().details(image);
    byte[] archive = exported(image, "docker.io/library/web:1", "host:5000/web:2");
    images.remove(image.id().toString());
    assertEquals(0, blobs());

    List<ImageArchives.Imported> back = imported(archive);

    assertEquals(1, back.size());
    ImageRecord again = back.get(0).image();
    assertEquals(image.id(), again.id());
    assertEquals(List.of("docker.io/library/web:1", "host:5000/web:2"), again.repoTags());
    ImageDetails after = images.names().details(again);
    assertEquals(before.target(), after.target());
    assertArrayEquals(before.manifest(), after.manifest());
    assertEquals(before.layers(), after.layers());
    assertEquals(0, count("assemblies"));
  }

  @Test
  void dockerArchive_isRead_withLinksAndPlainLayers() throws Exception {
    byte[] config = config(BASE, TOP);
    byte[] archive =
        new Archive()
            .file("abc/layer.tar", text(BASE))
            .link(TarConstants.LF_SYMLINK, "def/layer.tar", "../abc.tar")
            .file("abc.tar", text(TOP))
            .file("c.json", text(config))
            .file(
                "manifest.json",
                "[{\"Config\":\"c.json\",\"RepoTags\":[\"web:1\"],"
                    + "\"Layers\":[\"abc/layer.tar\",\"def/layer.tar\"]}]")
            .tar();
    ImageRecord image = imported(Archive.gzip(archive)).get(0).image();
    assertEquals(Digest.sha256(config), image.id());
    assertEquals(List.of("docker.io/library/web:1"), image.repoTags());
    assertEquals(
        List.of(Digest.sha256(BASE), Digest.sha256(TOP)),
        images.names().details(image).layers().stream()
            .map(layer -> layer.blob().digest())
            .toList());
  }

  private static byte[] config(byte[]... layers) {
    String diffIds =
        String.join(
            ",", List.of(layers).stream().map(l -> "\"" + Digest.sha256(l) + "\"").toList());
    return ("{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Archive docker(String layer) {
    return new Archive()
        .file("c.json", text(config(BASE)))
        .file(
            "manifest.json",
            "[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"" + layer + "\"]}]");
  }

  @Test
  void archivesThatAreNone_areRefused() throws Exception {
    assertTrue(refused(new byte[0]).getMessage().contains("neither"));
    assertTrue(
        refused("hello".repeat(500).getBytes(StandardCharsets.UTF_8)).getMessage().contains("tar"));
    assertTrue(refused(new Archive().file("x", "y").tar()).getMessage().contains("neither"));
    byte[] whole = docker("l.tar").file("l.tar", text(BASE)).tar();
    byte[] cut = new byte[2000];
    System.arraycopy(whole, 0, cut, 0, cut.length);
    refused(cut);
    refused(java.util.Arrays.copyOf(Archive.gzip(whole), 100));
  }

  @Test
  void hostileArchives_areRefused() throws Exception {
    refused(docker("l.tar").tar());
    refused(docker("l.tar").file("../../l.tar", text(BASE)).tar());
    refused(docker("l.tar").file("/l.tar", text(BASE)).tar());
    refused(docker("l.tar").link(TarConstants.LF_SYMLINK, "l.tar", "/etc/passwd").tar());
    refused(docker("l.tar").link(TarConstants.LF_SYMLINK, "l.tar", "../l.tar").tar());
    refused(docker("l.tar").link(TarConstants.LF_SYMLINK, "l.tar", "l.tar").tar());
    refused(docker("l.tar").link(TarConstants.LF_FIFO, "l.tar", "").tar());
    refused(docker("l.tar").file("l.tar", "no archive at all".repeat(100)).tar());
    refused(docker("l.tar").file("l.tar", text(TOP)).tar());
    refused(docker("../../etc/passwd").tar());
    refused(new Archive().file("blobs/sha256/" + "a".repeat(64), "other").tar());
    refused(new Archive().file("blobs/sha256/../../x", "other").tar());
    refused(new Archive().file("manifest.json", "{").tar());
    refused(new Archive().file("manifest.json", "[{}]").tar());
    refused(new Archive().file("index.json", "[]").tar());
    refused(
        new Archive()
            .file(
                "index.json",
                "{\"manifests\":[{\"digest\":\"" + Digest.sha256(BASE) + "\",\"size\":1}]}")
            .tar());
  }

  @Test
  void bomb_isRefused() throws Exception {
    byte[] bomb = Archive.gzip(docker("l.tar").file("l.tar", "0".repeat(700 << 10)).tar());
    assertTrue(refused(bomb).getMessage().contains("too much for its size"));
  }

  @Test
  void callerThatBreaksOff_leavesNothing() throws Exception {
    byte[] archive = docker("l.tar").file("l.tar", text(BASE)).tar();
    InputStream breaking =
        new InputStream() {
          private int at;

          @Override
          public int read() throws IOException {
            if (at == 3000) {
              throw new IOException("gone");
            }
            return archive[at++] & 0xff;
          }
        };
    assertThrows(IOException.class, () -> images.archives().read(breaking, (blob, size) -> {}));
    assertEquals(0, blobs());
    assertEquals(0, count("content/ingest"));
  }

  @Test
  void importThatFails_takesNothingFromPullsThatHaveFailedBefore() throws Exception {
    byte[] top = Archive.gzip(TOP);
    Digest manifest =
        registry.image("half", "1", List.of(Archive.gzip(BASE), top), List.of(BASE, TOP), "{}");
    registry.failing(999, "/blobs/" + Digest.sha256(top), 404);
    PullRequest half = PullRequest.anonymous(registry.host() + "/half:1");
    assertThrows(ExecutionException.class, () -> images.pull(half).get(20, TimeUnit.SECONDS));
    assertTrue(images.content().has(manifest), "the pull has left something");

    byte[] archive = docker("l.tar").file("l.tar", text(BASE)).tar();
    InputStream broken = new ByteArrayInputStream(archive, 0, archive.length - 1500);
    assertThrows(IOException.class, () -> images.archives().read(broken, (blob, size) -> {}));

    assertEquals(0, count("assemblies"));
    assertTrue(images.content().has(manifest), "it is still there for the next pull");
  }

  @Test
  void whatADeadDaemonHadHalfImported_goesAtTheNextStart() throws Exception {
    Assembly dead = images.assemble();
    dead.addLayer(to -> to.write(BASE));
    assertEquals(1, blobs());
    images.close();
    images = open();
    images.clearInterrupted();
    assertEquals(0, blobs());
    assertEquals(0, count("assemblies"));
  }

  @Test
  void rootFileSystem_becomesAnImageOfOneLayer() throws Exception {
    ImageRecord image =
        images
            .archives()
            .readRootFilesystem(
                new ImageArchives.RootFilesystem(
                    Optional.of(Reference.parse("own:1")),
                    "made here",
                    "{\"Cmd\":[\"sh\"]}".getBytes(StandardCharsets.UTF_8),
                    Optional.empty()),
                new ByteArrayInputStream(Archive.gzip(BASE)));
    assertEquals(List.of("docker.io/library/own:1"), image.repoTags());
    assertEquals(List.of("sh"), image.config().cmd());
    assertTrue(image.configJson().contains("made here"));
    assertEquals(1, images.names().details(image).layers().size());
  }

  @Test
  void tag_isOneMoreName_andIsTakenFromWhoeverHadIt() throws Exception {
    ImageRecord one = pulled("a", BASE);
    ImageRecord two = pulled("b", BASE, TOP);
    Reference name = Reference.parse("own:1");
    images.names().tag(one.id().hex(), name).orElseThrow();
    assertEquals(one.id(), images.find("own:1").orElseThrow().id());
    images.names().tag(registry.host() + "/b:1", name).orElseThrow();
    assertEquals(two.id(), images.find("own:1").orElseThrow().id());
    assertEquals(Optional.empty(), images.names().tag("nothing:1", name));
    images.close();
    images = open();
    assertEquals(two.id(), images.find("own:1").orElseThrow().id());
  }

  @Test
  void untag_takesOneName_andWithTheLastTheImage() throws Exception {
    ImageRecord image = pulled("a", BASE);
    images.names().tag(image.id().hex(), Reference.parse("own:1"));
    Reference pulledName = Reference.parse(registry.host() + "/a:1");

    assertEquals(
        Optional.of(new ImageNames.Untagged(image.id(), false)), images.names().untag(pulledName));
    ImageRecord left = images.find("own:1").orElseThrow();
    assertEquals(List.of("docker.io/library/own:1"), left.repoTags());
    assertEquals(List.of(), left.repoDigests());
    assertEquals(Optional.empty(), images.names().untag(pulledName));

    assertEquals(
        Optional.of(new ImageNames.Untagged(image.id(), true)),
        images.names().untag(Reference.parse("own:1")));
    assertEquals(List.of(), images.list());
    assertEquals(0, blobs());
  }
}
