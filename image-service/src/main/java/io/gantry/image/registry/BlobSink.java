package io.gantry.image.registry;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a blob's bytes go, however many connections it takes. */
public interface BlobSink {

  /** How many bytes it has: where to go on. */
  long received();

  /** Takes more bytes, all of them. */
  void write(ByteBuffer bytes) throws IOException;

  /**
   * Called when a host has sent the whole blob.
   *
   * @throws io.gantry.image.failure.ImageException CORRUPT if it is not the blob that was wanted;
   *     then another host may be tried after {@link #reset}
   */
  void complete() throws IOException;

  /** Forgets all bytes. */
  void reset() throws IOException;
}
