package io.gantry.cri.files;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Incoming;
import io.gantry.proto.v1.WriteArchiveRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The bytes that a caller sends. Confined to one thread. */
final class IncomingArchive extends InputStream {
  private final Incoming<WriteArchiveRequest> incoming;
  private ByteString bytes;
  private int at;
  private boolean over;

  /**
   * @param first what came with the first message
   */
  IncomingArchive(ByteString first, Incoming<WriteArchiveRequest> incoming) {
    this.bytes = first;
    this.incoming = incoming;
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
    while (at == bytes.size()) {
      if (over || !next()) {
        over = true;
        return -1;
      }
    }
    int count = Math.min(length, bytes.size() - at);
    bytes.substring(at, at + count).copyTo(buffer, offset);
    at += count;
    return count;
  }

  private boolean next() throws IOException {
    Optional<WriteArchiveRequest> message;
    try {
      message = incoming.next();
    } catch (InterruptedException gone) {
      Thread.currentThread().interrupt();
      throw new IOException("the caller is gone", gone);
    }
    if (message.isPresent() && message.get().hasStart()) {
      throw CriException.invalid("write archive: only the first message says where");
    }
    bytes = message.map(WriteArchiveRequest::getData).orElse(ByteString.EMPTY);
    at = 0;
    return message.isPresent();
  }
}
