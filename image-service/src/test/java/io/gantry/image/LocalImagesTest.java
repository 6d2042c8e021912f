package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.manifest.Platform;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalImagesTest {

  private static final byte[] BASE =
      new Archive()
          .directory("etc/", 0755, 0)
          .file("etc/passwd", "root:x:0:0")
          .symbolicLink("etc/link", "/etc/passwd")
          .tar();
  private static final byte[] TOP = new Archive().file("top", "t").tar();
  private static final byte[] OTHER =
      new Archive().file("other", "o").file("etc/.wh.passwd", "").tar();

  @TempDir Path root;
  private final MemoryTrees trees = new MemoryTrees();
  private TestRegistry registry;
  private LocalImages images;
  private volatile PinnedNames pinned = PinnedNames.NONE;

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    images = open();
  }

  private LocalImages open() throws IOException {
    RegistrySettings registrySettings =
        new RegistrySettings(
            "gantry-test",
            new Patience(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                0,
                2,
                Duration.ofMillis(5),
                Duration.ofMillis(50),
                Duration.ofSeconds(5)),
            32 << 20,
            4,
            ProxyRules.NONE);
    ImagesSettings settings =
        new ImagesSettings(
            root,
            List.of(),
            new Parallelism(2, 16, 2),
            new Platform("linux", "amd64", ""),
            registrySettings,
            NodeCredentials.Settings.NONE,
            UnpackLimits.DEFAULT);
    return LocalImages.open(
        settings.withPinned(() -> pinned), trees, Clock.systemUTC(), Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    images.close();
    registry.close();
  }

  private Digest serve(String tag, byte[]... layers) {
    return serve("a", tag, "{\"User\":\"web:www\"}", layers);
  }

  private Digest serve(String repository, String tag, String config, byte[]... layers) {
    List<byte[]> compressed = new ArrayList<>();
    for (byte[] layer : layers) {
      compressed.add(Archive.gzip(layer));
    }
    return registry.image(repository, tag, compressed, List.of(layers), config);
  }

  private String name(String rest) {
    return registry.host() + "/" + rest;
  }

  private ImageRecord pull(String rest) throws Exception {
    return images.pull(PullRequest.anonymous(name(rest))).get(20, TimeUnit.SECONDS);
  }

  private ImageException refused(String rest) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> pull(rest));
    return assertInstanceOf(ImageException.class, e.getCause());
  }

  private int blobs() throws IOException {
    return count("content/blobs/sha256");
  }

  private int layers() throws IOException {
    return count("snapshots/l");
  }

  private int count(String directory) throws IOException {
    try (var files = Files.list(root.resolve(directory))) {
      return (int) files.count();
    }
  }

  @Test
  void pull_bringsBlobsLayersAndRecord() throws Exception {
    Digest manifest = serve("1", BASE, TOP);
    ImageRecord image = pull("a:1");
    assertEquals(List.of(name("a:1")), image.repoTags());
    assertEquals(List.of(name("a@" + manifest)), image.repoDigests());
    assertEquals("web:www", image.config().user());
    assertEquals(4, image.blobs().size());
    assertTrue(image.sizeBytes() > 100);
    assertEquals(Digest.sha256(image.configJson().getBytes(StandardCharsets.UTF_8)), image.id());
    assertEquals(2, layers());
    assertEquals(List.of(image), images.list());
  }

  @Test
  void find_takesReferencesAndIds() throws Exception {
    Digest manifest = serve("1", BASE);
    ImageRecord image = pull("a:1");
    String hex = image.id().hex();
    for (String key :
        List.of(
            name("a:1"),
            name("a@" + manifest),
            image.id().toString(),
            hex,
            hex.substring(0, 3),
            "sha256:" + hex.substring(0, 12))) {
      assertEquals(Optional.of(image), images.find(key), key);
    }
    for (String key :
        List.of(
            name("a"),
            name("a:2"),
            hex.substring(0, 2),
            "",
            "sha256:",
            "not a name",
            name("b@" + manifest))) {
      assertEquals(Optional.empty(), images.find(key), key);
    }
  }

  @Test
  void pull_byDigest_hasNoTag() throws Exception {
    Digest manifest = serve("1", BASE);
    ImageRecord image = pull("a@" + manifest);
    assertEquals(List.of(), image.repoTags());
    assertEquals(List.of(name("a@" + manifest)), image.repoDigests());
  }

  @Test
  void pull_ofTheSameImageByOtherNames_joinsTheNames() throws Exception {
    serve("1", BASE);
    serve("2", BASE);
    serve("b", "1", "{\"User\":\"web:www\"}", BASE);
    pull("a:1");
    pull("a:2");
    ImageRecord image = pull("b:1");
    assertEquals(List.of(name("a:1"), name("a:2"), name("b:1")), image.repoTags());
    assertEquals(2, image.repoDigests().size());
    assertEquals(1, images.list().size());
  }

  @Test
  void tag_movesToTheNewerImage() throws Exception {
    serve("1", BASE);
    ImageRecord old = pull("a:1");
    serve("1", BASE, TOP);
    ImageRecord young = pull("a:1");
    assertFalse(old.id().equals(young.id()));
    assertEquals(List.of(name("a:1")), young.repoTags());
    assertEquals(List.of(), images.find(old.id().toString()).orElseThrow().repoTags());
    assertEquals(old.repoDigests(), images.find(old.id().toString()).orElseThrow().repoDigests());
  }

  @Test
  void pull_ofWhatIsHere_asksOnlyForTheDigest() throws Exception {
    serve("1", BASE);
    ImageRecord image = pull("a:1");
    long before = registry.count("GET", "/");
    assertEquals(image, pull("a:1"));
    assertEquals(before, registry.count("GET", "/"));
    assertEquals(1, registry.count("HEAD", "/manifests/1"));
  }

  @Test
  void layersThatAreHere_areNotFetchedAgain() throws Exception {
    serve("1", BASE);
    serve("2", BASE, TOP);
    pull("a:1");
    pull("a:2");
    assertEquals(1, registry.count("GET", "/blobs/" + Digest.sha256(Archive.gzip(BASE))));
    assertEquals(2, layers());
  }

  @Test
  void index_isFollowedToThisPlatform_andTheRepoDigestIsTheIndexs() throws Exception {
    Digest manifest = serve("amd", BASE);
    byte[] served = "x".getBytes(StandardCharsets.UTF_8);
    String entry =
        "{\"mediaType\":\""
            + MediaTypes.OCI_MANIFEST
            + "\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}";
    String index =
        "{\"schemaVersion\":2,\"manifests\":["
            + String.format(entry, Digest.sha256(served), 1, "arm64")
            + ","
            + String.format(entry, manifest, 500, "amd64")
            + "]}";
    Digest indexDigest = registry.manifest("a", "multi", MediaTypes.OCI_INDEX, index);
    ImageRecord image = pull("a:multi");
    assertEquals(List.of(name("a@" + indexDigest)), image.repoDigests());
    assertTrue(image.blobs().contains(manifest));
  }

  @Test
  void index_withoutThisPlatform_isRefused_andSaysWhatThereIs() {
    String entry =
        "{\"mediaType\":\""
            + MediaTypes.OCI_MANIFEST
            + "\",\"digest\":\""
            + Digest.sha256(BASE)
            + "\",\"size\":3,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}";
    registry.manifest(
        "a", "z", MediaTypes.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
    ImageException e = refused("a:z");
    assertEquals(Kind.UNSUPPORTED, e.kind());
    assertTrue(
        e.getMessage().contains("linux/s390x") && e.getMessage().contains("linux/amd64"),
        e.getMessage());
  }

  @Test
  void indexesWithinIndexes_endSomewhere() {
    String below = "{\"schemaVersion\":2,\"manifests\":[]}";
    Digest digest = registry.manifest("a", "n0", MediaTypes.OCI_INDEX, below);
    for (int i = 1; i < 10; i++) {
      String entry =
          "{\"mediaType\":\""
              + MediaTypes.OCI_INDEX
              + "\",\"digest\":\""
              + digest
              + "\",\"size\":3}";
      digest =
          registry.manifest(
              "a",
              "n" + i,
              MediaTypes.OCI_INDEX,
              "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
    }
    assertTrue(refused("a:n9").getMessage().contains("indexes within indexes"));
  }

  @Test
  void wrongLayer_isRefused_andLeavesNoImage() throws Exception {
    byte[] compressed = Archive.gzip(TOP);
    registry.image("a", "1", List.of(Archive.gzip(BASE), compressed), List.of(BASE, OTHER), "{}");
    ImageException e = refused("a:1");
    assertEquals(Kind.CORRUPT, e.kind());
    assertTrue(
        e.getMessage().contains("diff id") && e.getMessage().contains(name("a:1")), e.getMessage());
    assertEquals(List.of(), images.list());
    assertTrue(layers() <= 1);
    trees.awaitDeletion(root.resolve("snapshots/trash/0"));
  }

  @Test
  void badReference_isRefused() {
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () -> images.pull(PullRequest.anonymous("Bad Name")).get(5, TimeUnit.SECONDS));
    assertEquals(
        Kind.INVALID_REFERENCE, assertInstanceOf(ImageException.class, e.getCause()).kind());
  }

  @Test
  void remove_byAnyName_takesAllNames_andFreesWhatNobodyElseNeeds() throws Exception {
    serve("1", BASE);
    serve("2", BASE, TOP);
    pull("a:1");
    pull("a:2");
    assertEquals(6, blobs());
    images.remove(name("a:2"));
    assertEquals(3, blobs());
    assertEquals(1, layers());
    images.remove(name("a:1"));
    images.remove(name("a:1"));
    assertEquals(0, blobs());
    assertEquals(0, layers());
    assertEquals(List.of(), images.list());
  }

  @Test
  void remove_leavesTheLayersOfContainers() throws Exception {
    serve("1", BASE);
    ImageRecord image = pull("a:1");
    images.snapshots().prepare("c1", image.topChainId());
    images.remove(name("a:1"));
    assertEquals(0, blobs());
    assertEquals(1, layers());
    assertTrue(images.snapshots().readFile("c1", "/etc/passwd", 100).isPresent());
    images.snapshots().remove("c1");
    serve("2", TOP);
    pull("a:2");
    images.remove(name("a:2"));
    assertEquals(0, layers());
  }

  @Test
  void remove_doesNotTakeFromAPullUnderWay() throws Exception {
    serve("1", BASE);
    serve("2", BASE, TOP);
    pull("a:1");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    holdBlob(Archive.gzip(TOP), asked, go);
    CompletableFuture<ImageRecord> second = images.pull(PullRequest.anonymous(name("a:2")));
    assertTrue(asked.await(10, TimeUnit.SECONDS));
    images.remove(name("a:1"));
    go.countDown();
    ImageRecord image = second.get(20, TimeUnit.SECONDS);
    assertEquals(4, blobs());
    assertEquals(2, layers());
    images.snapshots().prepare("c1", image.topChainId());
  }

  private void holdBlob(byte[] blob, CountDownLatch asked, CountDownLatch go) {
    registry.misbehave(
        exchange -> {
          if (exchange.getRequestURI().getPath().contains(Digest.sha256(blob).toString())) {
            asked.countDown();
            try {
              go.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              return true;
            }
          }
          return false;
        });
  }

  @Test
  void equalRequests_shareOnePull_andDifferentOnesShareDownloads() throws Exception {
    serve("1", BASE, TOP);
    serve("b", "1", "{}", BASE, TOP);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    holdBlob(Archive.gzip(BASE), asked, go);
    List<CompletableFuture<ImageRecord>> pulls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pulls.add(images.pull(PullRequest.anonymous(name("a:1"))));
      pulls.add(images.pull(PullRequest.anonymous(name("b:1"))));
    }
    assertTrue(asked.await(10, TimeUnit.SECONDS));
    go.countDown();
    for (CompletableFuture<ImageRecord> pull : pulls) {
      pull.get(20, TimeUnit.SECONDS);
    }
    assertEquals(1, registry.count("GET", "a/manifests/1"));
    assertEquals(1, registry.count("GET", "/blobs/" + Digest.sha256(Archive.gzip(BASE))));
    assertEquals(2, layers());
  }

  @Test
  void cancelled_pullStops_unlessOthersWait() throws Exception {
    serve("1", BASE);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    holdBlob(Archive.gzip(BASE), asked, go);
    CompletableFuture<ImageRecord> one = images.pull(PullRequest.anonymous(name("a:1")));
    CompletableFuture<ImageRecord> two = images.pull(PullRequest.anonymous(name("a:1")));
    assertTrue(asked.await(10, TimeUnit.SECONDS));
    one.cancel(true);
    assertThrows(CancellationException.class, one::join);
    go.countDown();
    two.get(20, TimeUnit.SECONDS);
  }

  @Test
  void cancelled_byAll_leavesNothing() throws Exception {
    serve("1", BASE, TOP);
    serve("kept", OTHER);
    pull("a:kept");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    holdBlob(Archive.gzip(TOP), asked, go);
    CompletableFuture<ImageRecord> only = images.pull(PullRequest.anonymous(name("a:1")));
    assertTrue(asked.await(10, TimeUnit.SECONDS));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (layers() < 3 && System.nanoTime() < end) {
      Thread.onSpinWait(); // Its layers are made while the second is on its way.
    }
    assertEquals(3, layers());
    only.cancel(true);
    while ((blobs() > 3 || layers() > 1 || count("content/ingest") > 0)
        && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    go.countDown();
    assertEquals(3, blobs());
    assertEquals(1, layers());
    assertEquals(0, count("content/ingest"));
    assertEquals(1, images.list().size());
  }

  @Test
  void cancelled_byAll_leavesNothingArriving() throws Exception {
    serve("1", BASE);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    holdBlob(Archive.gzip(BASE), asked, go);
    CompletableFuture<ImageRecord> only = images.pull(PullRequest.anonymous(name("a:1")));
    assertTrue(asked.await(10, TimeUnit.SECONDS));
    only.cancel(true);
    go.countDown();
    pull("a:1"); // A new request begins anew and is not disturbed.
    assertEquals(1, images.list().size());
  }

  @Test
  void downloads_areBoundedPerImage() throws Exception {
    byte[][] layers = new byte[6][];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = new Archive().file("f" + i, "x").tar();
    }
    serve("1", layers);
    AtomicInteger now = new AtomicInteger();
    CountDownLatch three = new CountDownLatch(1);
    registry.misbehave(
        exchange -> {
          if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
            return false;
          }
          if (now.incrementAndGet() > 2) {
            three.countDown();
          }
          try {
            // Long enough for a third to come, if one did.
            three.await(100, TimeUnit.MILLISECONDS);
          } catch (InterruptedException e) {
            return true;
          }
          now.decrementAndGet();
          return false;
        });
    pull("a:1");
    assertEquals(1, three.getCount(), "more than two at a time");
  }

  @Test
  void snapshots_stackTheLayers_topFirst() throws Exception {
    serve("1", BASE, TOP);
    ImageRecord image = pull("a:1");
    List<SnapshotMount> mounts = images.snapshots().prepare("c1", image.topChainId());
    assertEquals(mounts, images.snapshots().prepare("c1", image.topChainId()));
    assertEquals(mounts, images.snapshots().mounts("c1"));
    SnapshotMount overlay = mounts.get(0);
    assertEquals("overlay", overlay.type());
    String[] stack = overlay.options().get(0).substring("lowerdir=".length()).split(":");
    assertTrue(trees.tree(Path.of(stack[0])).find("top").isPresent());
    assertTrue(trees.tree(Path.of(stack[1])).find("etc/passwd").isPresent());
    assertTrue(overlay.options().get(1).endsWith("/snapshots/writable/c1/fs"));
    assertEquals(Set.of("c1"), images.snapshots().list());
    assertThrows(
        IllegalStateException.class, () -> images.snapshots().prepare("c1", Optional.empty()));
    images.snapshots().remove("c1");
    images.snapshots().remove("c1");
    assertEquals(Set.of(), images.snapshots().list());
    assertThrows(ImageException.class, () -> images.snapshots().mounts("c1"));
  }

  @Test
  void snapshot_ofNoLayers_isABind() throws Exception {
    assertEquals("bind", images.snapshots().prepare("c1", Optional.empty()).get(0).type());
  }

  @Test
  void snapshotKeys_areChecked() {
    for (String key : List.of("", "../x", "a/b", ".hidden", "x".repeat(145))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> images.snapshots().prepare(key, Optional.empty()),
          key);
    }
  }

  @Test
  void readFile_looksThroughLayersAndLinks() throws Exception {
    serve("1", BASE, TOP);
    serve("2", BASE, OTHER);
    images.snapshots().prepare("one", pull("a:1").topChainId());
    images.snapshots().prepare("two", pull("a:2").topChainId());
    byte[] passwd = "root:x:0:0".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        new String(passwd, StandardCharsets.UTF_8),
        new String(
            images.snapshots().readFile("one", "/etc/link", 100).orElseThrow(),
            StandardCharsets.UTF_8));
    assertEquals(Optional.empty(), images.snapshots().readFile("two", "/etc/passwd", 100));
    assertEquals(Optional.empty(), images.snapshots().readFile("two", "/etc/link", 100));
    assertEquals(Optional.empty(), images.snapshots().readFile("one", "/etc", 100));
    assertThrows(ImageException.class, () -> images.snapshots().readFile("one", "/etc/passwd", 3));
  }

  @Test
  void restart_knowsImagesAndSnapshots() throws Exception {
    serve("1", BASE, TOP);
    ImageRecord image = pull("a:1");
    List<SnapshotMount> mounts = images.snapshots().prepare("c1", image.topChainId());
    images.close();
    images = open();
    assertEquals(List.of(image), images.list());
    assertEquals(mounts, images.snapshots().mounts("c1"));
  }

  @Test
  void restart_clearsWhatIsHalfMade_andSetsDamageAside() throws Exception {
    serve("1", BASE);
    ImageRecord image = pull("a:1");
    images.close();
    Files.createDirectories(root.resolve("snapshots/l/zz/half"));
    Files.createDirectories(root.resolve("snapshots/writable/lost/fs"));
    Files.createDirectories(root.resolve("snapshots/trash/7/x"));
    Files.writeString(root.resolve("content/ingest/half"), "x");
    Files.writeString(root.resolve("images/torn.json"), "{\"version\":1,");
    Files.writeString(root.resolve("images/x.json.tmp"), "{");
    Files.writeString(
        root.resolve("snapshots/layers/" + "0".repeat(64) + ".json"), "{\"version\":1}");
    images = open();
    assertEquals(List.of(image), images.list());
    assertEquals(1, layers());
    for (String gone :
        List.of(
            "snapshots/writable/lost",
            "content/ingest/half",
            "images/x.json.tmp",
            "images/torn.json")) {
      assertFalse(Files.exists(root.resolve(gone)), gone);
    }
    trees.awaitDeletion(root.resolve("snapshots/trash/7"));
    assertTrue(Files.exists(root.resolve("images/torn.json.damaged")));
  }

  @Test
  void restart_givesATagHeldTwice_toTheYoungerImage() throws Exception {
    serve("1", BASE);
    ImageRecord old = pull("a:1");
    Path oldRecord = root.resolve("images/" + old.id().hex() + ".json");
    String before = Files.readString(oldRecord);
    serve("1", BASE, TOP);
    ImageRecord young = pull("a:1");
    images.close();
    Files.writeString(oldRecord, before);
    images = open();
    assertEquals(young.id(), images.find(name("a:1")).orElseThrow().id());
    assertEquals(List.of(), images.find(old.id().toString()).orElseThrow().repoTags());
  }

  @Test
  void pull_mendsAnImageWhoseLayersAreLost() throws Exception {
    serve("1", BASE);
    ImageRecord image = pull("a:1");
    images.close();
    Files.delete(
        root.resolve(
            "snapshots/layers/" + image.topChainId().orElseThrow().digest().hex() + ".json"));
    images = open();
    assertEquals(0, layers());
    pull("a:1");
    images.snapshots().prepare("c1", image.topChainId());
  }

  @Test
  void restart_inTheMiddleOfARemoval_takesNothingFromThoseWhoClaimItAfterwards() throws Exception {
    serve("1", BASE);
    ImageRecord image = pull("a:1");
    Digest kept = Digest.sha256(new byte[] {1});
    images.content().write(kept, new byte[] {1});
    images.close();
    Path record = root.resolve("images").resolve(image.id().hex() + ".json");
    Files.writeString(record, Files.readString(record).replaceFirst("\\{", "{ \"leaving\": true,"));

    images = open();
    images.content().claims().add(() -> Set.of(kept));
    images.finishRemovals();

    assertEquals(Set.of(kept), images.content().list());
    assertFalse(Files.exists(record));
  }

  @Test
  void pinned_isWhatTheSettingsNameNow() throws Exception {
    serve("1", BASE);
    serve("2", TOP);
    pull("a:1");
    pull("a:2");
    for (String pattern : List.of(name("a:1"), name("a:1*"), "*/a:1*")) {
      pinned = new PinnedNames(List.of(pattern));
      assertTrue(images.find(name("a:1")).orElseThrow().pinned(), pattern);
      assertFalse(images.find(name("a:2")).orElseThrow().pinned(), pattern);
      assertEquals(1, images.list().stream().filter(ImageRecord::pinned).count(), pattern);
    }
    images.remove(name("a:1"));
    assertTrue(images.find(name("a:1")).isEmpty(), "pinned is no lock");
    for (String wrong : List.of("", "*", "**", "*x", "a*b", "a b")) {
      assertThrows(IllegalArgumentException.class, () -> new PinnedNames(List.of(wrong)), wrong);
    }
  }

  @Test
  void directories_areNobodyElsesBusiness() throws Exception {
    for (String part : List.of("content", "snapshots", "images")) {
      assertEquals(3, Files.getPosixFilePermissions(root.resolve(part)).size(), part);
    }
  }

  @Test
  void usage_countsBlobsAndLayers_andWritableLayersApart() throws Exception {
    assertEquals(0, images.usage().images().bytes());
    serve("1", BASE);
    pull("a:1");
    ImagesUsage usage = images.usage();
    assertTrue(usage.images().bytes() > 0);
    assertEquals(root, usage.imagesPath());
  }
}
