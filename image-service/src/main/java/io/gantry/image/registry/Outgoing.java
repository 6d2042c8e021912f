package io.gantry.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * What a request carries. It may be sent several times; how far it has come tells whether the other
 * side still takes it. Thread-safe.
 */
final class Outgoing {

  /** Opens the bytes from their beginning. */
  interface Source {
    /** The caller closes it. */
    InputStream open() throws IOException;
  }

  private final Source source;
  private final long sizeBytes;
  private final LongConsumer sent;
  private volatile long movedAt = System.nanoTime();

  /**
   * @param sizeBytes how many bytes the source has
   * @param sent told how many were handed over by now
   */
  Outgoing(Source source, long sizeBytes, LongConsumer sent) {
    this.source = source;
    this.sizeBytes = sizeBytes;
    this.sent = sent;
  }

  /** The bytes, anew for each request. */
  HttpRequest.BodyPublisher publisher() {
    movedAt = System.nanoTime();
    if (sizeBytes == 0) {
      return HttpRequest.BodyPublishers.noBody();
    }
    return HttpRequest.BodyPublishers.fromPublisher(
        HttpRequest.BodyPublishers.ofInputStream(this::open), sizeBytes);
  }

  private InputStream open() {
    try {
      return new Watched(source.open());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For how long nothing has been taken. */
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - movedAt);
  }

  private final class Watched extends FilterInputStream {
    private long count;

    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = in.read(buffer, offset, length);
      if (n > 0) {
        count += n;
        movedAt = System.nanoTime();
        sent.accept(count);
      }
      return n;
    }
  }
}
