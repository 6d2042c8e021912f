package io.gantry.image.unpack;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.work.Cancellation;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * Unpacks one layer in one pass over its bytes: decompressed, hashed, read as tar and written out
 * at once. Thread-safe.
 */
public final class LayerUnpacker {

  private final UnpackLimits limits;

  public LayerUnpacker(UnpackLimits limits) {
    this.limits = limits;
  }

  /**
   * Unpacks into an empty directory. After a failure the directory holds some part and is of no
   * use.
   *
   * @param compressed the layer as the registry has it; not closed
   * @param compressedBytes its length
   * @param diffId what the uncompressed archive must hash to
   * @param lower the layers below
   * @throws ImageException CORRUPT if the layer is malformed, hostile or not the one wanted;
   *     STORAGE if it could not be written
   */
  public void unpack(
      InputStream compressed,
      long compressedBytes,
      Digest diffId,
      LayerTree layer,
      MergedTree lower,
      Cancellation cancellation)
      throws IOException {
    MessageDigest hash = diffId.algorithm().start();
    BoundedInput archive =
        new BoundedInput(Decompression.of(compressed), hash, limitFor(compressedBytes));
    String what = "layer " + diffId;
    LayerWriter writer = new LayerWriter(layer, lower, limits);
    writer.begin();
    members(archive, what, writer, cancellation);
    drain(archive);
    Digest actual = Digest.finish(diffId.algorithm(), hash.digest());
    if (!actual.equals(diffId)) {
      throw new ImageException(
          CORRUPT, "layer " + diffId + " unpacks to other content: its diff id is " + actual);
    }
    writer.finish();
  }

  /**
   * Unpacks an archive that no digest is known of, such as that of a container's changes, over what
   * a layer holds already. After a failure the layer holds some part and is of no use.
   *
   * @param archive uncompressed; not closed
   * @param lower the layers below
   * @throws ImageException as {@link #unpack}
   */
  public void apply(InputStream archive, LayerTree layer, MergedTree lower) throws IOException {
    BoundedInput bounded =
        new BoundedInput(archive, Digest.Algorithm.SHA256.start(), limits.bytes());
    // Not begun: the root is there, and stays as it is if the archive does not say otherwise.
    LayerWriter writer = new LayerWriter(layer, lower, limits);
    members(bounded, "changes", writer, new Cancellation());
    drain(bounded);
    writer.finish();
  }

  /**
   * Unpacks an archive of files, which is no layer, into an empty directory: plain, or compressed
   * by gzip, bzip2, xz or Zstandard. After a failure the directory holds some part.
   *
   * @param what its name for messages
   * @throws ImageException as {@link #unpack}
   */
  public void unpackFiles(
      InputStream archive, String what, LayerTree directory, Cancellation cancellation)
      throws IOException {
    InputStream plain;
    try {
      plain = Decompression.ofAny(archive);
    } catch (IOException e) {
      throw corrupt(e);
    }
    BoundedInput bounded = new BoundedInput(plain, Digest.Algorithm.SHA256.start(), limits.bytes());
    LayerWriter writer = LayerWriter.ofFiles(directory, limits);
    members(bounded, what, writer, cancellation);
    drain(bounded);
    writer.finish();
  }

  void members(InputStream archive, String what, LayerWriter writer, Cancellation cancellation)
      throws IOException {
    TarReader tar = new TarReader(archive);
    long entries = 0;
    Optional<TarEntry> entry = next(tar);
    while (entry.isPresent()) {
      cancellation.check();
      if (++entries > limits.entries()) {
        throw new ImageException(CORRUPT, what + " has more than " + limits.entries() + " members");
      }
      write(writer, entry.get(), tar, what);
      entry = next(tar);
    }
  }

  private long limitFor(long compressedBytes) {
    long byRatio = Math.max(limits.freeBytes(), compressedBytes * limits.expansion());
    return Math.min(limits.bytes(), byRatio);
  }

  /** Reads a header, telling a bad archive from a bad disk: nothing is written here. */
  private static Optional<TarEntry> next(TarReader tar) throws ImageException {
    try {
      return tar.next();
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  private static void write(LayerWriter writer, TarEntry entry, TarReader tar, String what)
      throws ImageException {
    try {
      writer.write(entry, new Content(tar));
    } catch (ImageException e) {
      throw new ImageException(
          e.kind(), what + ", member " + EntryPath.shown(entry.name()) + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ImageException(
          STORAGE, what + ", member " + EntryPath.shown(entry.name()) + ": " + e.getMessage(), e);
    }
  }

  /** What follows the archive's end, padding mostly, belongs to the diff id. */
  static void drain(InputStream archive) throws ImageException {
    byte[] scratch = new byte[8192];
    try {
      while (archive.read(scratch, 0, scratch.length) >= 0) {
        continue;
      }
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  static ImageException corrupt(IOException e) {
    if (e instanceof ImageException already) {
      return already;
    }
    boolean compression =
        e instanceof ZipException
            || e instanceof EOFException && e.getMessage() == null
            || e.getMessage() != null && e.getMessage().contains("Zstd");
    String what =
        compression ? "the layer's compression is damaged" : "the layer is not a tar archive";
    return new ImageException(
        CORRUPT, what + (e.getMessage() == null ? "" : ": " + e.getMessage()), e);
  }

  /** The content of the current member, with the archive's failures told from the disk's. */
  record Content(TarReader tar) {
    int read(byte[] buffer, int length) throws ImageException {
      try {
        return tar.read(buffer, 0, length);
      } catch (IOException e) {
        throw corrupt(e);
      }
    }
  }
}
