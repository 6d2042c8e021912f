package io.gantry.image.registry;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes a blob's bytes in their order, over one connection at a time. */
public interface BlobStream {

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
