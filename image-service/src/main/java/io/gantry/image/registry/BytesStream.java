package io.gantry.image.registry;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Takes a blob into memory. */
final class BytesStream implements BlobStream {

  private final Digest expected;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  BytesStream(Digest expected) {
    this.expected = expected;
  }

  /** What has come, which is the blob once it is complete. */
  byte[] whole() {
    return bytes.toByteArray();
  }

  @Override
  public long received() {
    return bytes.size();
  }

  @Override
  public void write(ByteBuffer more) {
    byte[] part = new byte[more.remaining()];
    more.get(part);
    bytes.writeBytes(part);
  }

  @Override
  public void complete() throws ImageException {
    Digest.Algorithm algorithm = expected.algorithm();
    Digest actual = Digest.finish(algorithm, algorithm.start().digest(whole()));
    if (!actual.equals(expected)) {
      throw new ImageException(
          ImageException.Kind.CORRUPT,
          expected + " arrived with other content: its digest is " + actual);
    }
  }

  @Override
  public void reset() {
    bytes.reset();
  }
}
