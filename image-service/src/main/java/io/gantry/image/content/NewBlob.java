package io.gantry.image.content;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A blob that is written before anybody knows its digest. Confined to one thread. Closing it
 * without keeping it leaves no trace.
 */
public final class NewBlob extends OutputStream {

  /** Told of the digest before the blob is in the store, so that it can be held. */
  @FunctionalInterface
  public interface Holder {
    void hold(Digest digest);
  }

  private final Path file;
  private final ContentStore store;
  private final FileChannel channel;
  private final MessageDigest hash = Digest.Algorithm.SHA256.start();
  private long written;

  NewBlob(Path file, ContentStore store) throws IOException {
    this.file = file;
    this.store = store;
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    hash.update(bytes, offset, length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    written += length;
  }

  /** How many bytes were written. */
  public long size() {
    return written;
  }

  /** Makes what was written a blob of the store, durably; nothing can be written any more. */
  public Digest keep(Holder holder) throws IOException {
    channel.force(true);
    channel.close();
    Digest digest = Digest.finish(Digest.Algorithm.SHA256, hash.digest());
    holder.hold(digest);
    store.adopt(file, digest);
    return digest;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
