package io.gantry.image.unpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.github.luben.zstd.Zstd;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MemoryTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.work.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Archives whose members get in each other's way, above a layer that gets in theirs. */
class HostileLayerPropertyTest {

  private static final UnpackLimits LIMITS = new UnpackLimits(1000, 1 << 24, 1 << 20, 200, 300);
  private static final MemoryTree LOWER = new MemoryTree();

  static {
    byte[] tar =
        new Archive()
            .directory("d/", 0711, 5)
            .file("d/a", "lower")
            .symbolicLink("l", "d")
            .symbolicLink("up", "../../..")
            .symbolicLink("b", "/l/../d")
            .file("a", "lower")
            .tar();
    try {
      unpack(tar, Digest.sha256(tar), LOWER, List.of());
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private record Member(String kind, String name, String target) {
    void into(Archive archive) {
      switch (kind) {
        case "file" -> archive.file(name, target);
        case "directory" -> archive.directory(name + "/", 0700, 3);
        case "symbolic" -> archive.symbolicLink(name, target);
        case "hard" -> archive.hardLink(name, target);
        case "fifo" -> archive.link(TarConstants.LF_FIFO, name, "");
        default -> archive.device(TarConstants.LF_CHR, name, 0, 0);
      }
    }
  }

  private static void unpack(byte[] bytes, Digest diffId, MemoryTree into, List<LayerTree> lower)
      throws IOException {
    new LayerUnpacker(LIMITS)
        .unpack(
            new ByteArrayInputStream(bytes),
            bytes.length,
            diffId,
            into,
            new MergedTree(lower),
            new Cancellation());
  }

  private static String printed(MemoryTree tree) {
    StringBuilder lines = new StringBuilder();
    try {
      for (String path : tree.paths()) {
        lines.append(path).append(' ').append(tree.describe(path)).append('\n');
      }
      return lines.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the tree is afterwards, or the words of refusal. */
  private static String outcome(byte[] bytes, Digest diffId) {
    MemoryTree tree = new MemoryTree();
    try {
      unpack(bytes, diffId, tree, List.of(LOWER));
      return printed(tree);
    } catch (ImageException refused) {
      // The tree itself refuses names that leave it, which must never be what stops them.
      assertFalse(refused.getMessage().contains("not a name"), refused.getMessage());
      return refused.kind() + refused.getMessage();
    } catch (IOException refused) {
      return refused.getMessage();
    }
  }

  @Property
  void members_areWrittenTheSameEachTime_orRefused(@ForAll("archives") byte[] tar) {
    String below = printed(LOWER);
    assertEquals(outcome(tar, Digest.sha256(tar)), outcome(tar, Digest.sha256(tar)));
    assertEquals(below, printed(LOWER), "the layer below was written to");
  }

  @Property
  void damagedCompression_isRefusedOrHarmless(
      @ForAll("archives") byte[] tar, @ForAll boolean zstd, @ForAll int place, @ForAll byte value) {
    byte[] compressed = zstd ? Zstd.compress(tar) : Archive.gzip(tar);
    compressed[Math.floorMod(place, compressed.length)] = value;
    outcome(compressed, Digest.sha256(tar));
  }

  @Provide
  Arbitrary<byte[]> archives() {
    Arbitrary<String> names =
        Arbitraries.of(
                "a",
                "b",
                "d",
                "l",
                "up",
                ".",
                "..",
                "",
                ".wh.a",
                ".wh.d",
                ".wh..wh..opq",
                ".wh.",
                "é",
                "x".repeat(120))
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(parts -> String.join("/", parts))
            // A slash at the end would make a directory of anything.
            .filter(name -> !name.endsWith("/") && !name.isEmpty());
    return Combinators.combine(
            Arbitraries.of("file", "directory", "symbolic", "hard", "fifo", "device"), names, names)
        .as(Member::new)
        .list()
        .ofMaxSize(8)
        .map(
            members -> {
              Archive archive = new Archive();
              members.forEach(member -> member.into(archive));
              return archive.tar();
            });
  }
}
