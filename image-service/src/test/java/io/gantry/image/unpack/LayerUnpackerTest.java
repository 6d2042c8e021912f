package io.gantry.image.unpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MemoryTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.work.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerUnpackerTest {

  private static final UnpackLimits LIMITS = new UnpackLimits(1000, 1 << 26, 1 << 16, 200, 4096);

  private final MemoryTree layer = new MemoryTree();

  private static void unpack(byte[] compressed, Digest diffId, LayerTree into, LayerTree... lower)
      throws IOException {
    new LayerUnpacker(LIMITS)
        .unpack(
            new ByteArrayInputStream(compressed),
            compressed.length,
            diffId,
            into,
            new MergedTree(Arrays.asList(lower)),
            new Cancellation());
  }

  private MemoryTree unpack(Archive archive, LayerTree... lower) throws IOException {
    byte[] tar = archive.tar();
    unpack(tar, Digest.sha256(tar), layer, lower);
    return layer;
  }

  private static MemoryTree lower(Archive archive, LayerTree... below) throws IOException {
    MemoryTree tree = new MemoryTree();
    byte[] tar = archive.tar();
    unpack(tar, Digest.sha256(tar), tree, below);
    return tree;
  }

  private ImageException refused(Archive archive, LayerTree... lower) {
    ImageException e = assertThrows(ImageException.class, () -> unpack(archive, lower));
    assertEquals(Kind.CORRUPT, e.kind(), e.getMessage());
    return e;
  }

  @Test
  void members_keepContentOwnersPermissionsAndTimes() throws IOException {
    unpack(
        new Archive()
            .directory("d/", 0750, 5)
            .file("d/f", "content", 04755, 7)
            .symbolicLink("l", "/d/f")
            .hardLink("h", "d/f")
            .device(TarConstants.LF_CHR, "null", 1, 3)
            .device(TarConstants.LF_BLK, "disk", 8, 0)
            .device(TarConstants.LF_FIFO, "pipe", 0, 0));
    assertEquals("directory 5:5 750 @1000", layer.describe("d"));
    assertEquals("regular 7:7 4755 @1000 'content'", layer.describe("d/f"));
    assertEquals("regular 7:7 4755 @1000 'content'", layer.describe("h"));
    assertEquals("symbolic_link 0:0 777 @1000 -> /d/f", layer.describe("l"));
    assertEquals("character_device 0:0 600 @1000 1:3", layer.describe("null"));
    assertEquals("block_device 0:0 600 @1000 8:0", layer.describe("disk"));
    assertEquals("fifo 0:0 600 @1000", layer.describe("pipe"));
  }

  @Test
  void compression_isFoundByContent() throws IOException {
    byte[] tar = new Archive().file("f", "x").tar();
    byte[] twoMembers =
        concat(
            Archive.gzip(Arrays.copyOf(tar, 700)),
            Archive.gzip(Arrays.copyOfRange(tar, 700, tar.length)));
    byte[] skippableThenFrame =
        concat(new byte[] {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9}, Zstd.compress(tar));
    for (byte[] compressed :
        List.of(tar, Archive.gzip(tar), twoMembers, Zstd.compress(tar), skippableThenFrame)) {
      MemoryTree tree = new MemoryTree();
      unpack(compressed, Digest.sha256(tar), tree);
      assertEquals("regular 0:0 644 @1000 'x'", tree.describe("f"));
    }
  }

  /**
   * As zstd:chunked has it: a frame for each piece of the archive, frames to be skipped among them,
   * and a table of contents with its footer in two more at the end.
   */
  @Test
  void zstdInChunks_withItsTableOfContents_isZstd() throws IOException {
    byte[] content = new byte[200_000];
    new Random(4).nextBytes(content);
    byte[] tar =
        new Archive()
            .file("a", new String(content, StandardCharsets.ISO_8859_1))
            .file("b", "b")
            .tar();
    byte[] chunked = new byte[0];
    for (int at = 0; at < tar.length; at += 7000) {
      byte[] piece = Arrays.copyOfRange(tar, at, Math.min(tar.length, at + 7000));
      chunked = concat(chunked, Zstd.compress(piece));
      chunked = concat(chunked, skippable(at % 3 == 0 ? 0 : 40));
    }
    chunked = concat(concat(chunked, skippable(5000)), skippable(64));
    MemoryTree tree = new MemoryTree();
    unpack(chunked, Digest.sha256(tar), tree);
    assertEquals("regular 0:0 644 @1000 'b'", tree.describe("b"));
    assertEquals(content.length, tree.find("a").orElseThrow().sizeBytes());
  }

  private static byte[] skippable(int length) {
    return concat(
        new byte[] {0x50, 0x2a, 0x4d, 0x18, (byte) length, (byte) (length >> 8), 0, 0},
        new byte[length]);
  }

  private static byte[] concat(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }

  @Test
  void diffId_coversAllBytes_alsoThoseBehindTheArchive() throws IOException {
    byte[] tar = concat(new Archive().file("f", "x").tar(), new byte[] {1, 2, 3});
    unpack(tar, Digest.sha256(tar), layer);
    ImageException e =
        assertThrows(
            ImageException.class,
            () -> unpack(tar, Digest.sha256(Arrays.copyOf(tar, tar.length - 1)), new MemoryTree()));
    assertTrue(e.getMessage().contains("diff id"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../f", "/../f", "a/../../f", "..", "a/../../../etc/passwd"})
  void names_cannotLeaveTheRoot(String name) {
    assertTrue(
        refused(new Archive().file(name, "x")).getMessage().contains("leads out of the root"));
    assertEquals(0, layer.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/f", "./f", "./././f", "a/../f", "//f"})
  void names_areTakenFromTheRoot(String name) throws IOException {
    assertEquals(List.of("f"), unpack(new Archive().file(name, "x")).paths());
  }

  @Test
  void hardLinks_cannotLeaveTheRoot() {
    refused(new Archive().hardLink("h", "../../etc/passwd"));
  }

  @Test
  void linksAsDirectories_areFollowedWithinTheRootOnly() throws IOException {
    unpack(
        new Archive()
            .symbolicLink("out", "../../../../etc")
            .file("out/passwd", "ours")
            .symbolicLink("abs", "/deep/er")
            .file("abs/f", "y"));
    assertEquals("regular 0:0 644 @1000 'ours'", layer.describe("etc/passwd"));
    assertEquals("regular 0:0 644 @1000 'y'", layer.describe("deep/er/f"));
  }

  @Test
  void linksAsDirectories_ofLayersBelow_areFollowedToo() throws IOException {
    MemoryTree below =
        lower(new Archive().directory("usr/lib/", 0711, 3).symbolicLink("lib", "usr/lib"));
    unpack(new Archive().file("lib/x.so", "e"), below);
    assertEquals(List.of("usr", "usr/lib", "usr/lib/x.so"), layer.paths());
    assertEquals("directory 3:3 711 @1000", layer.describe("usr/lib"));
  }

  @Test
  void linksInCircles_areRefused() {
    refused(new Archive().symbolicLink("a", "b").symbolicLink("b", "a").file("a/f", "x"));
  }

  @Test
  void filesAsDirectories_areRefused() {
    refused(new Archive().file("a", "x").file("a/b", "y"));
  }

  @Test
  void laterMembers_replaceEarlierOnes() throws IOException {
    unpack(
        new Archive()
            .file("f", "1")
            .file("f", "2")
            .directory("d/", 0700, 0)
            .file("d/in", "x")
            .file("d", "now a file")
            .symbolicLink("s", "f")
            .directory("s/", 0755, 0)
            .file("s/in", "y")
            .directory("twice/", 0700, 0)
            .file("twice/kept", "z")
            .directory("twice/", 0755, 4));
    assertEquals("regular 0:0 644 @1000 '2'", layer.describe("f"));
    assertEquals("regular 0:0 644 @1000 'now a file'", layer.describe("d"));
    assertEquals("regular 0:0 644 @1000 'y'", layer.describe("s/in"));
    assertEquals("directory 4:4 755 @1000", layer.describe("twice"));
    assertEquals("regular 0:0 644 @1000 'z'", layer.describe("twice/kept"));
  }

  @Test
  void replacingALink_leavesItsTargetAlone() throws IOException {
    unpack(new Archive().file("target", "t").symbolicLink("l", "target").file("l", "new"));
    assertEquals("regular 0:0 644 @1000 't'", layer.describe("target"));
    assertEquals("regular 0:0 644 @1000 'new'", layer.describe("l"));
  }

  @Test
  void directories_getTheirTimesAtTheEnd_andImplicitOnesTheLowerMetadata() throws IOException {
    MemoryTree below = lower(new Archive().directory("keep/", 0710, 8).file("keep/a", "a"));
    unpack(new Archive().file("keep/b", "b").file("new/c", "c"), below);
    assertEquals("directory 8:8 710 @1000", layer.describe("keep"));
    assertEquals("directory 0:0 755 @0", layer.describe("new"));
  }

  @Test
  void root_takesItsOwnEntry_orWhatTheLayerBelowHas() throws IOException {
    MemoryTree below = lower(new Archive().directory("./", 0711, 9).file("a", "a"));
    assertEquals("directory 9:9 711 @1000", below.describe(""));
    assertEquals(
        "directory 9:9 711 @1000", unpack(new Archive().file("b", "b"), below).describe(""));
    assertEquals("directory 0:0 755 @0", lower(new Archive().file("b", "b")).describe(""));
  }

  @Test
  void whiteout_hidesWhatIsBelow() throws IOException {
    MemoryTree below = lower(new Archive().file("gone", "x").file("d/gone", "y"));
    unpack(new Archive().file(".wh.gone", "").file("d/.wh.gone", ""), below);
    assertEquals("whiteout", layer.describe("gone"));
    assertEquals("whiteout", layer.describe("d/gone"));
    MergedTree merged = new MergedTree(List.of(layer, below));
    assertTrue(merged.find("gone").isEmpty());
    assertTrue(merged.find("d/gone").isEmpty());
  }

  @Test
  void whiteout_ofNothing_leavesNoMark() throws IOException {
    assertEquals(List.of(), unpack(new Archive().file(".wh.never", "")).paths());
    MemoryTree below = lower(new Archive().file("a", "a"));
    assertEquals(
        List.of("d"),
        lower(new Archive().file(".wh.never", "").file("d/.wh.never", ""), below).paths());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whiteout_andTheSameNameAnew_hidesOnlyWhatIsBelow_inEitherOrder(boolean whiteoutFirst)
      throws IOException {
    MemoryTree below = lower(new Archive().file("d/old", "o").file("f", "old"));
    Archive archive = new Archive();
    if (whiteoutFirst) {
      archive.file(".wh.d", "").file(".wh.f", "");
    }
    archive.directory("d/", 0755, 0).file("d/new", "n").file("f", "new");
    if (!whiteoutFirst) {
      archive.file(".wh.d", "").file(".wh.f", "");
    }
    unpack(archive, below);
    MergedTree merged = new MergedTree(List.of(layer, below));
    assertTrue(merged.find("d/old").isEmpty());
    assertTrue(merged.find("d/new").isPresent());
    assertEquals("regular 0:0 644 @1000 'new'", layer.describe("f"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void opaque_hidesAllBelow_butNothingOfItsOwnLayer_inEitherOrder(boolean first)
      throws IOException {
    MemoryTree below =
        lower(new Archive().directory("d/", 0700, 6).file("d/old", "o").file("d/sub/old", "o"));
    Archive archive = new Archive();
    if (first) {
      archive.file("d/.wh..wh..opq", "");
    }
    archive.file("d/new", "n").file("d/.wh.old", "");
    if (!first) {
      archive.file("d/.wh..wh..opq", "");
    }
    unpack(archive, below);
    assertEquals("directory 6:6 700 @1000 trusted.overlay.opaque=y", layer.describe("d"));
    assertEquals(List.of("d", "d/new"), layer.paths());
    MergedTree merged = new MergedTree(List.of(layer, below));
    assertTrue(merged.find("d/sub/old").isEmpty());
    assertTrue(merged.find("d/new").isPresent());
  }

  @Test
  void opaqueRoot_hidesEachNameBelow() throws IOException {
    MemoryTree below = lower(new Archive().file("a", "a").file("b/c", "c"));
    unpack(new Archive().file(".wh..wh..opq", "").file("b/d", "d"), below);
    MergedTree merged = new MergedTree(List.of(layer, below));
    assertTrue(merged.find("a").isEmpty());
    assertTrue(merged.find("b/c").isEmpty());
    assertTrue(merged.find("b/d").isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {".wh.", ".wh..", ".wh..."})
  void whiteout_ofNoName_isRefused(String name) {
    refused(new Archive().file(name, ""));
  }

  @Test
  void bookkeepingOfAufs_isLeftOut() throws IOException {
    assertEquals(
        List.of(), unpack(new Archive().file(".wh..wh.plnk", "").file(".wh..wh.aufs", "")).paths());
  }

  @Test
  void hardLink_toALayerBelow_copiesTheFileUp() throws IOException {
    MemoryTree below =
        lower(new Archive().directory("bin/", 0711, 2).file("bin/tool", "t", 0755, 3));
    unpack(new Archive().hardLink("also", "bin/tool"), below);
    assertEquals("regular 3:3 755 @1000 't'", layer.describe("also"));
    assertEquals("regular 3:3 755 @1000 't'", layer.describe("bin/tool"));
    assertEquals("directory 2:2 711 @1000", layer.describe("bin"));
  }

  @Test
  void hardLink_toWhatIsHidden_isRefused() throws IOException {
    MemoryTree below = lower(new Archive().file("tool", "t"));
    refused(new Archive().file(".wh.tool", "").hardLink("also", "tool"), below);
  }

  @Test
  void hardLink_toItself_orADirectory_isRefused() {
    refused(new Archive().file("f", "x").hardLink("f", "f"));
    refused(new Archive().directory("e/", 0755, 0).hardLink("g", "e"));
  }

  @Test
  void attributes_areKeptByteForByte_butNotThoseOfOverlayItself() throws IOException {
    String capability = "\u0001\u0000\u0000\u0002\u0000 \u0080\u00ff\u0000\u0000\u0000\u0000";
    unpack(
        new Archive()
            .pax(
                "SCHILY.xattr.security.capability", capability,
                "SCHILY.xattr.user.a", "line\nbreak=1",
                "SCHILY.xattr.trusted.overlay.redirect", "/etc",
                "SCHILY.xattr.user.overlay.opaque", "y",
                "SCHILY.xattr.security.selinux", "label")
            .file("f", "x"));
    assertEquals(
        List.of("security.capability", "user.a"), List.copyOf(layer.attributes("f").keySet()));
    assertArrayEquals(
        capability.getBytes(StandardCharsets.ISO_8859_1),
        layer.attributes("f").get("security.capability"));
  }

  @Test
  void pax_overridesTheHeader() throws IOException {
    String longName = "n".repeat(200) + "/" + "m".repeat(200);
    unpack(
        new Archive()
            .pax("path", longName, "uid", "4000000000", "mtime", "-1.5")
            .file("short", "x"));
    assertEquals("regular -294967296:0 644 @-2 'x'", layer.describe(longName));
    assertEquals(500_000_000, layer.find(longName).orElseThrow().modified().nanos());
  }

  @Test
  void names_areBytes() throws IOException {
    String latin1 = "caf\u00e9\u00ff";
    assertEquals(List.of(latin1), unpack(new Archive().pax("path", latin1).file("x", "")).paths());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", ""})
  void namesWithZeroBytes_areRefused(String name) {
    if (name.isEmpty()) {
      assertThrows(ImageException.class, () -> unpack(new Archive().file("", "x")));
    } else {
      refused(new Archive().pax("path", name).file("x", ""));
    }
  }

  @Test
  void names_ofMoreThanThePathLimit_areRefused() {
    refused(new Archive().pax("path", "a/".repeat(2050)).file("x", ""));
  }

  @Test
  void owners_beyond32Bits_areRefused() {
    refused(new Archive().pax("uid", "4294967295").file("x", ""));
  }

  @Test
  void bombs_areRefused() {
    byte[] tar = new Archive().file("zeros", "\0".repeat(20 << 20)).tar();
    byte[] bomb = Archive.gzip(tar);
    ImageException e =
        assertThrows(ImageException.class, () -> unpack(bomb, Digest.sha256(tar), layer));
    assertTrue(e.getMessage().contains("too much for its size"), e.getMessage());
  }

  @Test
  void tooManyMembers_areRefused() {
    Archive archive = new Archive();
    for (int i = 0; i <= 1000; i++) {
      archive.file("f" + i, "");
    }
    refused(archive);
  }

  @Test
  void truncation_isNoticed_plainAndCompressed() {
    byte[] tar = new Archive().file("f", "x".repeat(3000)).file("g", "y").tar();
    for (byte[] whole : List.of(tar, Archive.gzip(tar), Zstd.compress(tar))) {
      byte[] cut = Arrays.copyOf(whole, whole.length / 3);
      ImageException e =
          assertThrows(
              ImageException.class, () -> unpack(cut, Digest.sha256(tar), new MemoryTree()));
      assertEquals(Kind.CORRUPT, e.kind());
    }
  }

  @Test
  void cancellation_stopsIt() {
    Cancellation cancelled = new Cancellation();
    cancelled.cancel();
    byte[] tar = new Archive().file("f", "x").tar();
    ImageException e =
        assertThrows(
            ImageException.class,
            () ->
                new LayerUnpacker(LIMITS)
                    .unpack(
                        new ByteArrayInputStream(tar),
                        tar.length,
                        Digest.sha256(tar),
                        layer,
                        new MergedTree(List.of()),
                        cancelled));
    assertEquals(Kind.CANCELLED, e.kind());
  }

  @Test
  void sparseFiles_ofGnuTar_areExpanded() throws Exception {
    for (String format :
        List.of(
            "--format=gnu",
            "--format=pax --sparse-version=0.0",
            "--format=pax --sparse-version=0.1",
            "--format=pax --sparse-version=1.0")) {
      byte[] tar = gnuTar(format);
      MemoryTree tree = new MemoryTree();
      unpack(tar, Digest.sha256(tar), tree);
      byte[] content = tree.read("sparse").readAllBytes();
      assertEquals(300_000, content.length, format);
      assertEquals('e', content[299_999], format);
      assertEquals('m', content[150_000], format);
      assertEquals(0, content[10], format);
      assertTrue(tar.length < 100_000, format + " was not sparse");
    }
  }

  /**
   * A file of 300,000 bytes with data around 150,000 and at its end, archived by the system's tar.
   */
  private static byte[] gnuTar(String format) throws Exception {
    String script =
        "d=$(mktemp -d) && cd $d && truncate -s 299999 sparse && printf e >> sparse && printf m |"
            + " dd of=sparse bs=1 seek=150000 conv=notrunc status=none && tar --sparse "
            + format
            + " -cf - sparse; rm -rf $d";
    Process process =
        new ProcessBuilder("sh", "-c", script)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    process.getInputStream().transferTo(tar);
    assertEquals(0, process.waitFor());
    return tar.toByteArray();
  }
}
