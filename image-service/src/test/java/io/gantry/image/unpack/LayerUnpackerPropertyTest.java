package io.gantry.image.unpack;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.gantry.image.reference.Digest;
import io.gantry.image.tree.MemoryTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.work.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LayerUnpackerPropertyTest {

  @Property
  void damage_isRefusedOrHarmless(@ForAll("damaged") byte[] tar) {
    MemoryTree tree = new MemoryTree();
    try {
      new LayerUnpacker(UnpackLimits.DEFAULT)
          .unpack(
              new ByteArrayInputStream(tar),
              tar.length,
              Digest.sha256(tar),
              tree,
              new MergedTree(List.of()),
              new Cancellation());
    } catch (IOException refused) {
      // The tree itself refuses names that leave it, which must never be what stops them.
      assertFalse(refused.getMessage().contains("not a name"), refused.getMessage());
    }
  }

  /** An archive with everything in it, some bytes of which were changed. */
  @Provide
  Arbitrary<byte[]> damaged() {
    byte[] whole =
        new Archive()
            .directory("d/", 0755, 0)
            .pax("SCHILY.xattr.user.a", "b", "mtime", "1.5")
            .file("d/f", "content")
            .file("d/.wh.x", "")
            .symbolicLink("l", "d")
            .hardLink("l/h", "d/f")
            .tar();
    return Arbitraries.integers()
        .between(0, 6 * 512)
        .tuple2()
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(
            changes -> {
              byte[] changed = whole.clone();
              changes.forEach(change -> changed[change.get1()] = (byte) (int) change.get2());
              repairChecksums(changed);
              return changed;
            });
  }

  /** Damage behind a right checksum reaches further. */
  private static void repairChecksums(byte[] tar) {
    for (int at = 0; at + 512 <= tar.length; at += 512) {
      if (tar[at + 257] != 'u' || tar[at + 258] != 's') {
        continue;
      }
      int sum = 0;
      for (int i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? ' ' : tar[at + i] & 0xff;
      }
      byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(text, 0, tar, at + 148, 8);
    }
  }
}
