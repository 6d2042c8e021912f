package io.gantry.cri.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.unpack.UnpackLimits;
import io.gantry.image.work.Cancellation;
import io.gantry.runtime.linux.Linux;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file-system port on the real kernel, with archives made by the system's tar and mounts of the
 * real overlayfs.
 */
@Tag("root")
class LinuxLayerTreesTest {

  @TempDir Path directory;
  private LinuxLayerTrees trees;

  @BeforeEach
  void open() {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    trees = new LinuxLayerTrees(Linux.open().files());
  }

  /**
   * JUnit follows names that Java cannot spell no better than others; what a test made goes by the
   * port itself.
   */
  @AfterEach
  void clear() throws IOException {
    try (var all = Files.list(directory)) {
      for (Path one : all.toList()) {
        trees.delete(one);
      }
    }
  }

  /** Runs a script and gives what it prints, byte by byte. */
  private String sh(Path where, String script) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-ec", script)
            .directory(where.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertEquals(0, process.waitFor(), script);
    return output;
  }

  private Path make(String name, String script) throws Exception {
    Path made = Files.createDirectory(directory.resolve(name));
    sh(made, script);
    return made;
  }

  private byte[] tar(Path tree) throws Exception {
    return sh(tree, "tar --format=pax --xattrs --xattrs-include='*' --numeric-owner -cf - .")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private void unpack(byte[] tar, LayerTree layer, MergedTree lower) throws IOException {
    new LayerUnpacker(UnpackLimits.DEFAULT)
        .unpack(
            new ByteArrayInputStream(tar),
            tar.length,
            Digest.sha256(tar),
            layer,
            lower,
            new Cancellation());
  }

  private static final String LISTING =
      "find . -mindepth 1 -printf '%P %y %m %U:%G %s %T@ %l %n\\n' | sort";

  @Test
  void unpacked_equalsTheOriginal_inEveryDetail() throws Exception {
    Path original =
        make(
            "original",
            """
            mkdir -p d/sub; echo data > d/f; ln d/f d/hard; ln -s ../f d/sub/link; ln -s /nowhere dangling
            mknod null c 1 3; mknod disk b 8 1; mkfifo pipe
            cp /bin/true suid; chmod 4755 suid; chown 12:34 d/f d; chmod 1777 d/sub
            touch -h -d '2001-02-03 04:05:06.789012345' d/f dangling null; touch -d '1999-01-01' d d/sub
            setcap cap_net_raw+ep suid || true
            printf x > "$(printf 'latin-\\351\\377')"
            n=$(printf 'n%.0s' $(seq 200)); mkdir $n; echo deep > $n/$n
            truncate -s 10000000 sparse; printf e >> sparse
            """);
    Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
    try (LayerTree layer = trees.open(unpacked)) {
      unpack(tar(original), layer, new MergedTree(List.of()));
    }
    assertEquals(sh(original, LISTING), sh(unpacked, LISTING));
    sh(
        directory,
        "diff -r --no-dereference original/d unpacked/d && cmp original/sparse unpacked/sparse");
    try (LayerTree one = trees.open(original);
        LayerTree two = trees.open(unpacked)) {
      Map<String, byte[]> expected = one.attributes("suid");
      assertEquals(expected.keySet(), two.attributes("suid").keySet());
      assertArrayEquals(
          expected.get("security.capability"), two.attributes("suid").get("security.capability"));
      assertTrue(two.find("latin-\u00e9\u00ff").isPresent());
    }
  }

  @Test
  void layers_stackedByOverlayfs_showWhatTheArchivesSay() throws Exception {
    Path base =
        make(
            "base",
            "mkdir -p gone op/sub keep both; echo 1 > gone/x; echo 1 > op/old; chmod 711 keep; chown 5:6 keep; echo 1 > keep/a; echo 1 > both/old; echo t > tool");
    Path change =
        make(
            "change",
            "mkdir -p op keep both; touch .wh.gone op/.wh..wh..opq keep/.wh.a .wh.both; echo 2 > op/new; echo 2 > keep/b; echo 2 > both/new; touch -d '2002-02-02' op");
    OverlaySnapshots snapshots =
        OverlaySnapshots.open(
            directory.resolve("snapshots"), trees, Runnable::run, Steps.UNOBSERVED);
    byte[] lower = tar(base);
    // Without an entry for keep itself, so that its metadata must come from below.
    byte[] upper =
        sh(
                change,
                "tar --format=pax --numeric-owner --no-recursion -cf - .wh.gone op op/.wh..wh..opq op/new keep/.wh.a keep/b .wh.both both both/new")
            .getBytes(StandardCharsets.ISO_8859_1);
    ChainId first = ChainId.first(Digest.sha256(lower));
    ChainId second = first.then(Digest.sha256(upper));
    snapshots.commit(first, Optional.empty(), (layer, below) -> unpack(lower, layer, below));
    snapshots.commit(second, Optional.of(first), (layer, below) -> unpack(upper, layer, below));
    SnapshotMount mount = snapshots.prepare("c", Optional.of(second)).get(0);
    String seen =
        mounted(mount, "find . -mindepth 1 -printf '%P %y %m %U:%G\\n' | sort; stat -c %Y op");
    assertEquals(
        """
        both d 755 0:0
        both/new f 644 0:0
        keep d 711 5:6
        keep/b f 644 0:0
        op d 755 0:0
        op/new f 644 0:0
        tool f 644 0:0
        1012608000
        """,
        seen);
    // The container's root looks like the image's, and what it writes is counted.
    assertEquals("755\n", mounted(mount, "stat -c %a ."));
    mounted(mount, "rm -r keep; head -c 100000 /dev/zero > tool");
    assertTrue(snapshots.usage("c").bytes() >= 100_000);
    assertEquals(Optional.empty(), snapshots.readFile("c", "/keep/b", 10));
    snapshots.remove("c");
    assertFalse(Files.exists(directory.resolve("snapshots/writable/c")));
  }

  /** Runs a script in a mount of its own namespace, which is gone with it. */
  private String mounted(SnapshotMount mount, String script) throws Exception {
    Path point = Files.createDirectories(directory.resolve("mnt"));
    String mounting =
        "mount -t "
            + mount.type()
            + " "
            + mount.source()
            + " -o "
            + String.join(",", mount.options())
            + " "
            + point;
    Path file =
        Files.writeString(directory.resolve("script"), mounting + "\ncd " + point + "\n" + script);
    return sh(directory, "TZ=UTC unshare -m sh -e " + file);
  }

  @Test
  void aHundredLayers_areStackedInTheOrderOfTheirChain() throws Exception {
    OverlaySnapshots snapshots =
        OverlaySnapshots.open(directory.resolve("s"), trees, Runnable::run, Steps.UNOBSERVED);
    Optional<ChainId> top = Optional.empty();
    for (int i = 0; i < 100; i++) {
      Digest diff = Digest.sha256(new byte[] {(byte) i});
      ChainId chain = top.map(below -> below.then(diff)).orElseGet(() -> ChainId.first(diff));
      String content = String.valueOf(i);
      snapshots.commit(chain, top, (layer, below) -> write(layer, "f", content));
      top = Optional.of(chain);
    }
    snapshots.prepare("c", top);
    assertEquals(
        "99", new String(snapshots.readFile("c", "f", 10).orElseThrow(), StandardCharsets.UTF_8));
    String lower = snapshots.mounts("c").get(0).options().get(0);
    assertEquals(100, lower.split(":").length);
  }

  private static void write(LayerTree layer, String path, String content) throws IOException {
    try (LayerTree.NewFile file = layer.makeFile(path)) {
      file.write(content.getBytes(StandardCharsets.UTF_8), 0, content.length());
      file.finish(new Metadata(0, 0, 0644, new Timestamp(0, 0), Map.of()));
    }
  }

  @Test
  void links_areNeverFollowed_whateverIsAsked() throws Exception {
    Path outside = make("outside", "echo secret > f; mkdir d");
    Path inside =
        make(
            "inside",
            "ln -s ../outside out; ln -s ../outside/f file; mkdir real; ln -s real alias");
    String before = sh(outside, LISTING);
    Metadata metadata =
        new Metadata(7, 7, 0777, new Timestamp(1, 1), Map.of("user.x", new byte[] {1}));
    try (LayerTree layer = trees.open(inside)) {
      assertThrows(IOException.class, () -> write(layer, "out/new", "x"));
      assertThrows(IOException.class, () -> layer.makeDirectory("out/new"));
      assertThrows(IOException.class, () -> layer.makeSymbolicLink("alias/l", "x"));
      assertThrows(IOException.class, () -> layer.makeSpecial("out/p", Node.Kind.FIFO, 0, 0));
      assertThrows(IOException.class, () -> layer.link("out/f", "stolen"));
      assertThrows(IOException.class, () -> layer.read("file"));
      assertThrows(IOException.class, () -> layer.read("out/f"));
      assertThrows(IOException.class, () -> layer.names("out"));
      assertThrows(IOException.class, () -> layer.setMetadata("out/f", metadata));
      assertThrows(IOException.class, () -> layer.makeDirectory("../escaped"));
      assertThrows(IOException.class, () -> write(layer, "file", "overwritten"));
      layer.setMetadata("file", new Metadata(7, 7, 0777, new Timestamp(1, 1), Map.of()));
      assertEquals(Node.Kind.SYMBOLIC_LINK, layer.find("out").orElseThrow().kind());
      layer.remove("out");
      layer.remove("file");
    }
    assertEquals(before, sh(outside, LISTING));
  }

  @Test
  void find_tellsNothingBehindAFile() throws Exception {
    Path layerDirectory = make("l", "echo x > f");
    try (LayerTree layer = trees.open(layerDirectory)) {
      assertEquals(Optional.empty(), layer.find("f/below"));
      assertEquals(Optional.empty(), layer.find("missing/below"));
      assertEquals(Optional.empty(), layer.find("missing"));
      assertTrue(layer.find("").orElseThrow().isDirectory());
    }
  }

  @Test
  void removedParent_isNotWrittenToAnyMore() throws Exception {
    Path layerDirectory = make("l", "mkdir -p a/b");
    try (LayerTree layer = trees.open(layerDirectory)) {
      write(layer, "a/b/f", "1");
      layer.remove("a");
      layer.makeDirectory("a");
      layer.makeDirectory("a/b");
      write(layer, "a/b/f", "2");
    }
    assertEquals("2", sh(layerDirectory, "cat a/b/f"));
  }

  @Test
  void read_doesNotWaitForAFifosWriter() throws Exception {
    Path layerDirectory = make("l", "mkfifo p");
    try (LayerTree layer = trees.open(layerDirectory);
        InputStream in = layer.read("p")) {
      assertEquals(-1, in.read());
    }
  }

  @Test
  void delete_copesWithAnyDepth_andLeavesLinkTargetsAlone() throws Exception {
    Path outside = make("outside", "echo kept > f");
    Path deep =
        make(
            "deep",
            "ln -s ../outside out; i=0; while [ $i -lt 3000 ]; do mkdir d; echo x > f; cd -P d; i=$((i+1)); done; mkdir deep-0");
    trees.delete(deep);
    trees.delete(deep);
    assertFalse(Files.exists(deep));
    assertTrue(Files.exists(outside.resolve("f")));
  }

  @Test
  void usage_countsAFileWithTwoNamesOnce() throws Exception {
    Path one = make("one", "head -c 50000 /dev/zero | tr '\\0' x > f");
    Path two = make("two", "head -c 50000 /dev/zero | tr '\\0' x > f; ln f g; ln -s f h");
    DiskUsage single = trees.usage(one);
    DiskUsage twice = trees.usage(two);
    assertEquals(2, single.inodes());
    assertEquals(3, twice.inodes());
    assertEquals(single.bytes(), twice.bytes());
    assertEquals(DiskUsage.NONE, trees.usage(directory.resolve("missing")));
  }
}
