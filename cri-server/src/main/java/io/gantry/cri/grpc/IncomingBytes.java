package io.gantry.cri.grpc;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.function.Function;

/** What a caller streams, as one sequence of bytes. Confined to one thread. */
public final class IncomingBytes<Q> extends InputStream {

  private final Incoming<Q> incoming;
  private final Function<Q, ByteString> bytes;
  private ByteString piece;
  private int at;

  /**
   * The bytes of all messages that are still to come.
   *
   * @param bytes those of one message; may refuse it by a {@link CriException}
   * @param first what came before
   */
  public IncomingBytes(Incoming<Q> incoming, Function<Q, ByteString> bytes, ByteString first) {
    this.incoming = incoming;
    this.bytes = bytes;
    this.piece = first;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == piece.size()) {
      Optional<Q> next;
      try {
        next = incoming.next();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the caller is gone");
      }
      if (next.isEmpty()) {
        return -1;
      }
      piece = bytes.apply(next.get());
      at = 0;
    }
    int n = Math.min(length, piece.size() - at);
    piece.substring(at, at + n).copyTo(buffer, offset);
    at += n;
    return n;
  }
}
