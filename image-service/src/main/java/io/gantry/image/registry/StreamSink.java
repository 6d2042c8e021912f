package io.gantry.image.registry;

import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Fills a stream: there is one part at a time, which begins where the last one ended. */
final class StreamSink implements BlobSink {

  private final BlobStream stream;
  private final long sizeBytes;
  // Guarded by this.
  private boolean taken;

  StreamSink(BlobStream stream, long sizeBytes) {
    this.stream = stream;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public synchronized Optional<Part> part(long mostBytes) {
    long at = stream.received();
    if (taken || at >= sizeBytes) {
      return Optional.empty();
    }
    taken = true;
    return Optional.of(new StreamPart(at + Math.min(mostBytes, sizeBytes - at)));
  }

  @Override
  public long received() {
    return stream.received();
  }

  @Override
  public void complete(Cancellation cancellation) throws IOException {
    stream.complete();
  }

  @Override
  public void reset() throws IOException {
    stream.reset();
  }

  private synchronized void giveBack() {
    taken = false;
  }

  private final class StreamPart implements Part {
    private final long end;

    private StreamPart(long end) {
      this.end = end;
    }

    @Override
    public long at() {
      return stream.received();
    }

    @Override
    public long end() {
      return end;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      stream.write(bytes);
    }

    @Override
    public void close() {
      giveBack();
    }
  }
}
