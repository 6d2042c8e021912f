package io.gantry.image.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MemoryTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.unpack.UnpackLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/** Layers written as archives, read again by gantry and by a stranger. */
class LayerArchiveTest {
  private static final String LONG = "n".repeat(150);

  private final MemoryTree layer = new MemoryTree();

  private static byte[] written(LayerTree tree) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LayerArchive.write(tree, out);
    return out.toByteArray();
  }

  private static void apply(byte[] tar, LayerTree to, LayerTree... lower) throws IOException {
    new LayerUnpacker(UnpackLimits.DEFAULT)
        .apply(new ByteArrayInputStream(tar), to, new MergedTree(List.of(lower)));
  }

  private static List<TarArchiveEntry> entries(byte[] tar) throws IOException {
    List<TarArchiveEntry> entries = new ArrayList<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(tar), "ISO-8859-1")) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        entries.add(e);
      }
    }
    return entries;
  }

  private static List<String> names(byte[] tar) throws IOException {
    return entries(tar).stream().map(TarArchiveEntry::getName).toList();
  }

  @Test
  void members_comeBackAsTheyWere() throws IOException {
    apply(
        new Archive()
            .directory("d/", 0750, 5)
            .file("d/f", "content", 04755, 7)
            .symbolicLink("l", "/" + LONG)
            .device(TarConstants.LF_CHR, "null", 1, 3)
            .device(TarConstants.LF_FIFO, "pipe", 0, 0)
            .file(LONG, "x")
            .tar(),
        layer);

    MemoryTree back = new MemoryTree();
    apply(written(layer), back);

    for (String path : List.of("d", "d/f", "l", "null", "pipe", LONG)) {
      assertEquals(layer.describe(path), back.describe(path));
    }
  }

  @Test
  void fileWithSeveralNames_isWrittenOnce_andComesBackAsOneFile() throws IOException {
    apply(new Archive().directory("d/", 0755, 0).file("d/b", "content").tar(), layer);
    layer.link("d/b", "d/c");
    layer.link("d/b", "a");

    byte[] tar = written(layer);

    assertEquals(
        List.of("d/b>a", "d/c>a"),
        entries(tar).stream()
            .filter(TarArchiveEntry::isLink)
            .map(entry -> entry.getName() + ">" + entry.getLinkName())
            .toList());
    MemoryTree back = new MemoryTree();
    apply(tar, back);
    assertEquals(layer.describe("d/c"), back.describe("d/c"));
    assertTrue(back.find("d/c").orElseThrow().shared().isPresent());
    assertEquals(back.find("a").orElseThrow().shared(), back.find("d/c").orElseThrow().shared());
  }

  @Test
  void treeBelowAPath_namesItsHardLinksAsItsMembers() throws IOException {
    apply(new Archive().directory("d/", 0755, 0).file("d/b", "content").tar(), layer);
    layer.link("d/b", "d/c");
    layer.link("d/b", "outside");
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    TreeArchive.write(ReadableTree.of(layer), "d", "copy", out);

    assertEquals(List.of("copy/", "copy/b", "copy/c"), names(out.toByteArray()));
    assertEquals("copy/b", entries(out.toByteArray()).get(2).getLinkName());
  }

  @Test
  void rootOfTheLayer_staysAsItIs() throws IOException {
    MemoryTree shared = new MemoryTree();
    shared.setMetadata("", new Metadata(0, 0, 01777, new Timestamp(0, 0), Map.of()));

    apply(new Archive().file("f", "x").tar(), shared);

    assertEquals(01777, shared.find("").orElseThrow().permissions());
  }

  @Test
  void whatDoesNotFitTheOldHeader_isReadByAStranger() throws IOException {
    layer.makeSymbolicLink("l", LONG);
    layer.setMetadata(
        "l", new Metadata(3_000_000, 4_000_000, 0777, new Timestamp(5, 500_000_000), Map.of()));

    TarArchiveEntry link = entries(written(layer)).get(0);

    assertEquals(LONG, link.getLinkName());
    assertEquals(3_000_000, link.getLongUserId());
    assertEquals(4_000_000, link.getLongGroupId());
    assertEquals(5_500, link.getLastModifiedDate().getTime());
  }

  @Test
  void extendedAttributes_areKeptByteByByte_butOverlaysOwn() throws IOException {
    byte[] capability = {1, 0, 0, 2, (byte) 0xff, '\n', '='};
    layer.makeDirectory("d");
    layer.setAttribute("d", "security.capability", capability);
    layer.setAttribute("d", "trusted.overlay.origin", new byte[] {1});

    MemoryTree back = new MemoryTree();
    byte[] tar = written(layer);
    apply(tar, back);

    assertArrayEquals(capability, back.attributes("d").get("security.capability"));
    assertTrue(!new String(tar, StandardCharsets.ISO_8859_1).contains("trusted.overlay"));
  }

  @Test
  void removedNamesAndReplacedDirectories_areWhiteouts() throws IOException {
    layer.makeDirectory("kept");
    layer.makeSpecial("kept/gone", io.gantry.image.tree.Node.Kind.CHARACTER_DEVICE, 0, 0);
    layer.makeDirectory("replaced");
    layer.setAttribute("replaced", MergedTree.OPAQUE, new byte[] {'y'});

    assertEquals(
        List.of("kept/", "kept/.wh.gone", "replaced/", "replaced/.wh..wh..opq"),
        names(written(layer)));
  }

  @Test
  void directoryThatOnlyTheMountCanFind_isRefused() throws IOException {
    layer.makeDirectory("moved");
    layer.setAttribute("moved", "trusted.overlay.redirect", new byte[] {'/', 'x'});

    IOException refused = assertThrows(IOException.class, () -> written(layer));

    assertTrue(refused.getMessage().contains("moved"), refused.getMessage());
  }
}
