package io.gantry.image.content;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * One blob on its way into the store, hashed as it is written. Confined to one thread. Closing it
 * without a commit leaves no trace.
 */
public final class Ingest implements Closeable {

  private final Path file;
  private final Path target;
  private final Digest expected;
  private final long sizeBytes;
  private final Steps steps;
  private final MessageDigest hash;
  private final FileChannel channel;
  private long received;

  Ingest(Path file, Path target, Digest expected, long sizeBytes, Steps steps) throws IOException {
    this.file = file;
    this.target = target;
    this.expected = expected;
    this.sizeBytes = sizeBytes;
    this.steps = steps;
    this.hash = expected.algorithm().start();
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** How many bytes have been written: where a broken download goes on. */
  public long received() {
    return received;
  }

  /**
   * Adds bytes, all of them.
   *
   * @throws ImageException CORRUPT as soon as there are more than announced, so that an endless
   *     body cannot fill the disk
   */
  public void write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length > sizeBytes - received) {
      throw new ImageException(
          CORRUPT, "blob " + expected + " is larger than the " + sizeBytes + " bytes announced");
    }
    hash.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    received += length;
  }

  /** Begins anew with nothing. */
  public void reset() throws IOException {
    channel.truncate(0);
    hash.reset();
    received = 0;
  }

  /**
   * Checks size and digest and makes the blob part of the store, durably.
   *
   * @throws ImageException CORRUPT if the content is not what was expected
   */
  public void commit() throws IOException {
    if (received != sizeBytes) {
      throw new ImageException(
          CORRUPT, "blob " + expected + " ended after " + received + " of " + sizeBytes + " bytes");
    }
    Digest actual = Digest.finish(expected.algorithm(), hash.digest());
    if (!actual.equals(expected)) {
      throw new ImageException(
          CORRUPT, "blob " + expected + " arrived with other content: its digest is " + actual);
    }
    steps.reach("blob to be kept");
    channel.force(true);
    channel.close();
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    ContentStore.syncDirectory(target.getParent());
    steps.reach("blob kept");
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
