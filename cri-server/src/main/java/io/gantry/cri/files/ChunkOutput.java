package io.gantry.cri.files;

import com.google.protobuf.UnsafeByteOperations;
import io.gantry.cri.grpc.Answers;
import io.gantry.proto.v1.LayerArchiveChunk;
import java.io.IOException;
import java.io.OutputStream;

/** Sends what is written, as fast as the caller takes it. Confined to one thread. */
final class ChunkOutput extends OutputStream {
  private static final int CHUNK_BYTES = 128 << 10;

  private final Answers<LayerArchiveChunk> answers;
  private byte[] chunk = new byte[CHUNK_BYTES];
  private int filled;

  ChunkOutput(Answers<LayerArchiveChunk> answers) {
    this.answers = answers;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int count = Math.min(length - done, chunk.length - filled);
      System.arraycopy(bytes, offset + done, chunk, filled, count);
      filled += count;
      done += count;
      if (filled == chunk.length) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (filled == 0) {
      return;
    }
    byte[] full = chunk;
    int length = filled;
    chunk = new byte[CHUNK_BYTES];
    filled = 0;
    try {
      answers.send(
          LayerArchiveChunk.newBuilder()
              .setData(UnsafeByteOperations.unsafeWrap(full, 0, length))
              .build());
    } catch (InterruptedException gone) {
      Thread.currentThread().interrupt();
      throw new IOException("the caller is gone", gone);
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}
