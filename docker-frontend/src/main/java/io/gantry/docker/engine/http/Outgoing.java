package io.gantry.docker.engine.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes that a client gets, from a thread that waits while the client is slow. */
final class Outgoing {
  private static final byte[] CRLF = {'\r', '\n'};

  private final Channel channel;
  private final Object writable = new Object();

  Outgoing(Channel channel) {
    this.channel = channel;
  }

  /** Sends bytes, once the client takes some. */
  void write(byte[]... parts) throws IOException {
    awaitWritable();
    byte[][] copies = new byte[parts.length][];
    for (int index = 0; index < parts.length; index++) {
      copies[index] = parts[index].clone();
    }
    channel.writeAndFlush(Unpooled.wrappedBuffer(copies));
  }

  /** To be told when the channel may have become writable, or closed. */
  void changed() {
    synchronized (writable) {
      writable.notifyAll();
    }
  }

  private void awaitWritable() throws IOException {
    synchronized (writable) {
      while (channel.isActive() && !channel.isWritable()) {
        try {
          writable.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while the client was slow");
        }
      }
    }
    if (!channel.isActive()) {
      throw new IOException("the client is gone");
    }
  }

  /** All that is written as it is; closing does what is said. */
  OutputStream plain(Runnable whenClosed) {
    return new Stream(whenClosed) {
      @Override
      void send(byte[] bytes) throws IOException {
        Outgoing.this.write(bytes);
      }
    };
  }

  /** Each write as a chunk (RFC 9112, section 7.1); closing sends the last one. */
  OutputStream chunked(Runnable whenClosed) {
    return new Stream(
        () -> {
          channel.writeAndFlush(
              Unpooled.wrappedBuffer("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
          whenClosed.run();
        }) {
      @Override
      void send(byte[] bytes) throws IOException {
        String length = Integer.toHexString(bytes.length) + "\r\n";
        Outgoing.this.write(length.getBytes(StandardCharsets.US_ASCII), bytes, CRLF);
      }
    };
  }

  private abstract static class Stream extends OutputStream {
    private final Runnable whenClosed;
    private boolean closed;

    Stream(Runnable whenClosed) {
      this.whenClosed = whenClosed;
    }

    abstract void send(byte[] bytes) throws IOException;

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      if (closed) {
        throw new IOException("the answer has ended");
      }
      if (length > 0) {
        send(java.util.Arrays.copyOfRange(bytes, offset, offset + length));
      }
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        whenClosed.run();
      }
    }
  }
}
