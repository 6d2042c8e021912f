package io.gantry.image.distribution.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** What an answer carries. Whoever sends it, or does not, closes it. */
public sealed interface Content extends AutoCloseable {

  /** How many bytes will be sent. */
  long length();

  @Override
  default void close() throws IOException {}

  /** Nothing. */
  record None() implements Content {
    @Override
    public long length() {
      return 0;
    }
  }

  /** Something small. */
  record Bytes(byte[] bytes) implements Content {
    @Override
    public long length() {
      return bytes.length;
    }
  }

  /** A part of a file that does not change. */
  record FilePart(FileChannel file, long offset, long length) implements Content {
    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Only its length, for a client that asks for no more (HEAD). */
  record Announced(long length) implements Content {}

  /** Something that is still arriving itself. */
  record Flow(Source source, long length) implements Content {
    @Override
    public void close() throws IOException {
      source.close();
    }
  }

  /** Gives bytes in their order, as they come to be. Confined to one thread. */
  interface Source extends AutoCloseable {
    /**
     * Waits for bytes and puts some into the buffer.
     *
     * @throws IOException if no more will come
     */
    void read(ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;
  }
}
