package io.gantry.image.unpack;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Unpacks archives of files into a directory of a root file system. Unlike in a layer no name has a
 * meaning of its own. Links on the way are followed by name and stay inside the root, and whatever
 * is there is not trusted. Thread-safe.
 */
public final class FileUnpacker {
  private final UnpackLimits limits;

  public FileUnpacker(UnpackLimits limits) {
    this.limits = limits;
  }

  /** Whose all files are to be. */
  public record Owner(int uid, int gid) {}

  /**
   * How it is done.
   *
   * @param directory the real path of the directory, relative to the root, which leads through no
   *     link
   * @param owner in the place of the archive's owners, if given
   * @param keepKinds refuse to put a file where a directory is, and the other way round
   */
  public record Orders(String directory, Optional<Owner> owner, boolean keepKinds) {
    public Orders {
      Objects.requireNonNull(directory);
      Objects.requireNonNull(owner);
    }
  }

  /**
   * Unpacks an archive. After a failure some part of it is there.
   *
   * @param archive plain, or compressed by gzip, bzip2, xz or Zstandard; not closed
   * @throws ImageException CORRUPT if the archive is malformed, or refused by the orders; STORAGE
   *     if it could not be written
   */
  public void unpack(InputStream archive, LayerTree root, Orders orders) throws IOException {
    List<String> base =
        orders.directory().isEmpty() ? List.of() : Arrays.asList(orders.directory().split("/"));
    InputStream plain;
    try {
      plain = Decompression.ofAny(archive);
    } catch (IOException e) {
      throw LayerUnpacker.corrupt(e);
    }
    BoundedInput bounded = new BoundedInput(plain, Digest.Algorithm.SHA256.start(), limits.bytes());
    LayerWriter writer =
        new LayerWriter(root, new MergedTree(List.of()), limits)
            .forFiles(base, orders.owner(), orders.keepKinds());
    LayerUnpacker unpacker = new LayerUnpacker(limits);
    unpacker.members(bounded, "archive", writer, new Cancellation());
    LayerUnpacker.drain(bounded);
    writer.finish();
  }
}
