package io.gantry.cri.build;

import io.gantry.cri.grpc.Incoming;
import io.gantry.proto.v1.BuildRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;

/** A build's context as its caller sends it, message by message. Confined to one thread. */
final class ContextStream extends InputStream {
  private final Incoming<BuildRequest> incoming;
  private InputStream current = InputStream.nullInputStream();
  private boolean ended;

  ContextStream(Incoming<BuildRequest> incoming) {
    this.incoming = incoming;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = current.read(bytes, offset, length);
    while (count < 0 && !ended) {
      Optional<BuildRequest> next = next();
      ended = next.isEmpty();
      if (next.isPresent()) {
        current = next.get().getContext().newInput();
        count = current.read(bytes, offset, length);
      }
    }
    return count;
  }

  private Optional<BuildRequest> next() throws IOException {
    try {
      return incoming.next();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("whoever sends the context is gone");
    }
  }
}
