package io.gantry.image.build;

import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.work.Cancellation;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Makes layers of archives: compresses and hashes in one pass, keeps the blob, and unpacks it as it
 * would be unpacked on any other node. Thread-safe.
 */
final class LayerMaker {
  private static final String MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final int BUFFER_BYTES = 64 << 10;

  private final ImageWorkshop workshop;
  private final Path directory;

  /**
   * @param directory for archives on their way; on the content store's file system
   */
  LayerMaker(ImageWorkshop workshop, Path directory) {
    this.workshop = workshop;
    this.directory = directory;
  }

  /** Writes an archive, uncompressed. */
  interface Filling {
    void write(OutputStream to) throws IOException;
  }

  CachedLayer make(
      Optional<ChainId> below, ImageWorkshop.Hold hold, Filling filling, Cancellation cancellation)
      throws IOException {
    Path file = Files.createTempFile(directory, "layer", ".tar.gz");
    try {
      MessageDigest plain = Digest.Algorithm.SHA256.start();
      MessageDigest compressed = Digest.Algorithm.SHA256.start();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        OutputStream raw =
            new DigestOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES),
                compressed);
        try (OutputStream archive = new DigestOutputStream(new FastGzip(new OpenEnd(raw)), plain)) {
          filling.write(new Stoppable(archive, cancellation));
        }
        raw.flush();
        channel.force(true);
      }
      Digest diffId = Digest.finish(Digest.Algorithm.SHA256, plain.digest());
      Digest blob = Digest.finish(Digest.Algorithm.SHA256, compressed.digest());
      CachedLayer layer =
          new CachedLayer(
              blob,
              Files.size(file),
              MEDIA_TYPE,
              diffId,
              below.map(chain -> chain.then(diffId)).orElseGet(() -> ChainId.first(diffId)));
      hold.blob(blob);
      hold.chain(layer.chain());
      workshop.content().adopt(file, blob);
      unpack(below, layer, cancellation);
      return layer;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Makes sure that a layer whose blob is here is unpacked above a chain. */
  CachedLayer above(
      Optional<ChainId> below,
      CachedLayer layer,
      ImageWorkshop.Hold hold,
      Cancellation cancellation)
      throws IOException {
    ChainId chain =
        below
            .map(under -> under.then(layer.diffId()))
            .orElseGet(() -> ChainId.first(layer.diffId()));
    CachedLayer placed =
        new CachedLayer(layer.blob(), layer.sizeBytes(), layer.mediaType(), layer.diffId(), chain);
    hold.blob(placed.blob());
    hold.chain(chain);
    unpack(below, placed, cancellation);
    return placed;
  }

  private void unpack(Optional<ChainId> below, CachedLayer layer, Cancellation cancellation)
      throws IOException {
    if (workshop.snapshots().hasChain(layer.chain())) {
      return;
    }
    workshop
        .snapshots()
        .commit(
            layer.chain(),
            below,
            (tree, lower) -> {
              try (InputStream blob = workshop.content().open(layer.blob())) {
                workshop
                    .unpacker()
                    .unpack(blob, layer.sizeBytes(), layer.diffId(), tree, lower, cancellation);
              }
            });
  }

  /** What steps make is compressed once and read often, but mostly by nobody else. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** Leaves what it writes to open, when it is closed itself. */
  private static final class OpenEnd extends FilterOutputStream {
    OpenEnd(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** Fails once the work is to stop. */
  private static final class Stoppable extends FilterOutputStream {
    private final Cancellation cancellation;

    Stoppable(OutputStream out, Cancellation cancellation) {
      super(out);
      this.cancellation = cancellation;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      cancellation.check();
      out.write(bytes, offset, length);
    }
  }
}
