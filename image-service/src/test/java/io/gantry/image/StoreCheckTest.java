package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Finding;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MemoryTree;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCheckTest {

  private static final byte[] BASE =
      new Archive()
          .directory("etc/", 0755, 0)
          .file("etc/passwd", "root:x:0:0")
          .file("etc/gone", "soon")
          .file("etc/twice", "first")
          .file("etc/twice", "second")
          .symbolicLink("etc/link", "/etc/passwd")
          .tar();
  private static final byte[] TOP =
      new Archive().file("top", "t").file("etc/.wh.gone", "").file("deep/down/file", "f").tar();

  @TempDir Path root;
  private final MemoryTrees trees = new MemoryTrees();
  private final List<Finding> findings = new ArrayList<>();
  private TestRegistry registry;
  private LocalImages images;
  private ImageRecord image;

  @BeforeEach
  void pull() throws Exception {
    registry = new TestRegistry();
    images = open();
    registry.image(
        "a", "1", List.of(Archive.gzip(BASE), Archive.gzip(TOP)), List.of(BASE, TOP), "{}");
    image = images.pull(PullRequest.anonymous(registry.host() + "/a:1")).get(20, TimeUnit.SECONDS);
  }

  private LocalImages open() throws IOException {
    return LocalImages.open(
        new ImagesSettings(
            root,
            List.of(),
            new Parallelism(1, 1, 1),
            new Platform("linux", "amd64", ""),
            RegistrySettings.DEFAULT,
            NodeCredentials.Settings.NONE,
            UnpackLimits.DEFAULT),
        trees,
        Clock.systemUTC(),
        Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    images.close();
    registry.close();
  }

  private CheckSummary check(boolean repair) throws Exception {
    findings.clear();
    return images.check(repair, findings::add);
  }

  private void assertSound() throws Exception {
    CheckSummary summary = check(false);
    assertEquals(List.of(), findings);
    // Four blobs, two layers, and a record for the image and each layer.
    assertEquals(9, summary.checked());
    assertTrue(summary.isSound());
  }

  /** One flaw; it stays when it is only looked at, and goes when it is repaired. */
  private void assertRepaired(Finding.Kind kind, String problem) throws Exception {
    for (int i = 0; i < 2; i++) {
      CheckSummary seen = check(false);
      assertEquals(1, findings.size(), findings::toString);
      assertEquals(kind, findings.get(0).kind());
      assertTrue(findings.get(0).problem().contains(problem), findings::toString);
      assertFalse(seen.isSound());
    }
    CheckSummary mended = check(true);
    assertEquals(1, findings.size(), findings::toString);
    assertTrue(findings.get(0).repaired(), findings::toString);
    assertTrue(mended.isSound());
    assertSound();
  }

  private Path blob(Digest digest) {
    return root.resolve("content/blobs/sha256").resolve(digest.hex());
  }

  private Path layerRecord(int layer) {
    ChainId chain = ChainId.first(Digest.sha256(BASE));
    chain = layer == 0 ? chain : chain.then(Digest.sha256(TOP));
    return root.resolve("snapshots/layers").resolve(chain.digest().hex() + ".json");
  }

  private Path layerDirectory(int layer) throws IOException {
    String record = Files.readString(layerRecord(layer));
    String name = record.replaceAll("(?s).*\"directory\" : \"([^\"]*)\".*", "$1");
    return root.resolve("snapshots/l").resolve(name);
  }

  private MemoryTree tree(int layer) throws IOException {
    return trees.tree(layerDirectory(layer));
  }

  @Test
  void everythingIsRight_afterAPull() throws Exception {
    assertSound();
  }

  @Test
  void damagedBlobs_areFetchedAgain_whateverTheyAre() throws Exception {
    for (Digest one : image.blobs()) {
      Files.write(blob(one), new byte[] {1, 2, 3});
      assertRepaired(Finding.Kind.BLOB, "was damaged on disk");
      assertTrue(
          Files.exists(root.resolve("content/damaged/sha256-" + one.hex())), "it is kept beside");
    }
    images.collect();
    try (var left = Files.list(root.resolve("content/damaged"))) {
      assertEquals(0, left.count(), "until garbage is collected");
    }
  }

  @Test
  void missingBlobs_areFetchedAgain_theManifestAmongThem() throws Exception {
    for (Digest one : image.blobs()) {
      Files.delete(blob(one));
      assertRepaired(Finding.Kind.BLOB, "is missing, and image " + image.id() + " needs it");
    }
    image.blobs().forEach(one -> blob(one).toFile().delete());
    CheckSummary mended = check(true);
    assertEquals(4, mended.repaired(), findings::toString);
    assertSound();
  }

  @Test
  void blobThatTheRegistryHasNoMore_isSetAsideAndTold_andTheImageStays() throws Exception {
    Digest layer = Digest.sha256(Archive.gzip(BASE));
    registry.failing(100, "/blobs/" + layer, 404);
    Files.write(blob(layer), new byte[] {1});

    CheckSummary summary = check(true);

    assertFalse(summary.isSound());
    assertEquals(1, findings.size(), findings::toString);
    assertTrue(
        findings.get(0).repair().orElseThrow().contains("cannot be fetched again: "),
        findings::toString);
    assertFalse(images.content().has(layer), "whoever pulls the image next gets it");
    assertTrue(images.find(image.id().toString()).isPresent());
    assertFalse(check(false).isSound(), "it is told each time");
  }

  @Test
  void layerThatChangedOnDisk_isUnpackedAgain_andContainersKeepTheOldOne() throws Exception {
    images.snapshots().prepare("c1", image.topChainId());
    Path old = layerDirectory(0);
    String was = tree(0).describe("etc/passwd");
    overwrite(tree(0), "etc/passwd", "rOOt:x:0:0");

    CheckSummary seen = check(true);

    assertEquals(1, seen.repaired(), findings::toString);
    assertTrue(findings.get(0).problem().contains("/etc/passwd has other content"));
    assertEquals(was, tree(0).describe("etc/passwd"));
    assertFalse(Files.exists(old));
    Path aside = root.resolve("snapshots/damaged");
    images.collect();
    assertEquals(1, aside.toFile().list().length, "a container stands on it");
    images.snapshots().remove("c1");
    images.collect();
    assertEquals(0, aside.toFile().list().length);
  }

  private static void overwrite(LayerTree tree, String path, String content) throws IOException {
    tree.remove(path);
    try (LayerTree.NewFile file = tree.makeFile(path)) {
      byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
      file.write(bytes, 0, bytes.length);
      file.finish(new Metadata(0, 0, 0644, new Timestamp(0, 0), Map.of()));
    }
  }

  /** Something that happens to a layer. */
  private interface Damage {
    void to(MemoryTree tree) throws IOException;
  }

  @Test
  void everyKindOfDamage_isSeen() throws Exception {
    Map<String, Damage> damages =
        Map.of(
            "/etc/passwd is missing",
            tree -> tree.remove("etc/passwd"),
            "/etc/passwd has 0 bytes instead of 10",
            tree -> overwrite(tree, "etc/passwd", ""),
            "/etc/link leads elsewhere",
            tree -> {
              tree.remove("etc/link");
              tree.makeSymbolicLink("etc/link", "/etc/shadow");
            },
            "/etc/twice is of another kind",
            tree -> {
              tree.remove("etc/twice");
              tree.makeDirectory("etc/twice");
            },
            "holds more, which is not the layer's",
            tree -> tree.makeDirectory("etc/more"),
            "belongs to somebody else",
            tree ->
                tree.setMetadata(
                    "etc/gone", new Metadata(7, 0, 0644, new Timestamp(0, 0), Map.of())),
            "has permissions 4755",
            tree ->
                tree.setMetadata(
                    "etc/gone", new Metadata(0, 0, 04755, new Timestamp(0, 0), Map.of())),
            "has a security.capability that is not the layer's",
            tree -> tree.setAttribute("etc/gone", "security.capability", new byte[] {1}));
    for (Map.Entry<String, Damage> damage : damages.entrySet()) {
      damage.getValue().to(tree(0));
      assertRepaired(Finding.Kind.LAYER, damage.getKey());
    }
  }

  @Test
  void layerWhoseDirectoryIsGone_isMadeAgain() throws Exception {
    trees.delete(layerDirectory(1));
    assertRepaired(Finding.Kind.LAYER, "its directory is missing");
    assertEquals(
        Optional.of("second"), readFile("/etc/twice"), "containers find it, and what is below it");
  }

  private Optional<String> readFile(String path) throws IOException {
    images.snapshots().prepare("reader", image.topChainId());
    try {
      return images.snapshots().readFile("reader", path, 100).map(String::new);
    } finally {
      images.snapshots().remove("reader");
    }
  }

  @Test
  void layersThatWereLostWithTheirRecord_areUnpackedAgain() throws Exception {
    images.close();
    Files.delete(layerRecord(0));
    images = open();
    assertFalse(check(false).isSound());
    assertEquals(2, check(true).repaired(), findings::toString);
    assertSound();
  }

  @Test
  void records_areWrittenAnew() throws Exception {
    images.snapshots().prepare("c1", image.topChainId());
    Path ofImage = root.resolve("images").resolve(image.id().hex() + ".json");
    Path ofContainer = root.resolve("snapshots/keys/c1.json");
    for (Path record : List.of(ofImage, layerRecord(0), ofContainer)) {
      String was = Files.readString(record);
      for (String torn : List.of("", "{ \"version\": 1", was.replace("sha256", "sha255"))) {
        Files.writeString(record, torn);
        assertEquals(1, check(false).bad(), findings::toString);
        assertEquals(Finding.Kind.RECORD, findings.get(0).kind());
        assertTrue(check(true).isSound());
        assertEquals(was, Files.readString(record));
      }
    }
    assertEquals(0, check(false).bad(), findings::toString);
  }

  @Test
  void machineStop_isToldFromTheDaemons() throws Exception {
    Path store = root.resolve("stop");
    assertFalse(MachineStop.begin(store, "boot-1").wasUnclean(), "the first use");
    assertFalse(MachineStop.begin(store, "boot-1").wasUnclean(), "the daemon alone died");
    MachineStop second = MachineStop.begin(store, "boot-2");
    assertTrue(second.wasUnclean(), "the machine went down");
    second.end();
    assertFalse(MachineStop.begin(store, "boot-3").wasUnclean(), "the daemon ended before it");
  }
}
