package io.gantry.image.registry;

import io.gantry.image.work.Cancellation;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where a blob's bytes go, however many connections it takes. Thread-safe; a part is one thread's.
 */
public interface BlobSink {

  /** A stretch of the blob, filled from its beginning on; closing it gives back what is missing. */
  interface Part extends Closeable {

    /** Where the next byte belongs. */
    long at();

    /** Behind its last byte. */
    long end();

    /** Takes bytes, all of them, which must not be more than it lacks. */
    void write(ByteBuffer bytes) throws IOException;
  }

  /**
   * The first part that nobody fills yet.
   *
   * @param mostBytes how long it may be
   * @return nothing if all has come or is on its way
   */
  Optional<Part> part(long mostBytes) throws IOException;

  /** How many bytes have come. */
  long received();

  /**
   * Called when the whole blob has come.
   *
   * @throws io.gantry.image.failure.ImageException CORRUPT if it is not the blob that was wanted;
   *     then another host may be tried after {@link #reset}
   */
  void complete(Cancellation cancellation) throws IOException;

  /** Forgets all bytes. */
  void reset() throws IOException;
}
