package io.gantry.cri.nri;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.Map;

/**
 * Several channels over one connection, each for one direction of ttrpc. On the wire each piece of
 * data has the channel's number and its length before it, as two big-endian 32-bit numbers.
 * Thread-safe.
 */
final class Multiplexer implements Closeable {
  static final int HEADER_BYTES = 8;

  /** The largest ttrpc frame: what no well-behaved peer exceeds in one piece. */
  static final int MAX_PIECE_BYTES = 10 + (4 << 20);

  /** Plugins read into buffers of this size, and give up on a piece that is larger. */
  static final int MAX_SENT_BYTES = 4096;

  private final ByteChannel trunk;
  private final Object writing = new Object();
  private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES); // guarded by writing
  private final Map<Integer, Channel> channels = new HashMap<>(); // filled before start()

  /**
   * @param trunk a connected blocking channel, owned from now on
   */
  Multiplexer(ByteChannel trunk) {
    this.trunk = trunk;
  }

  /** A channel; only before {@link #start}. Closing it closes the connection. */
  ByteChannel open(int number) {
    Channel channel = new Channel(number);
    channels.put(number, channel);
    return channel;
  }

  /** Begins to read. */
  void start(String name) {
    Thread reader = new Thread(this::read, name);
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try {
      ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
      while (fill(head.clear())) {
        int number = head.flip().getInt();
        int length = head.getInt();
        if (length < 0 || length > MAX_PIECE_BYTES) {
          return; // There is no way to find the next piece.
        }
        ByteBuffer piece = ByteBuffer.allocate(length);
        if (!fill(piece)) {
          return;
        }
        Channel channel = channels.get(number);
        if (channel != null && length > 0) {
          channel.offer(piece.flip());
        }
      }
    } catch (IOException | InterruptedException e) {
      // Whoever reads or writes a channel learns of it there.
    } finally {
      close();
    }
  }

  /** False at the end of the connection. */
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (trunk.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }

  private void write(int number, ByteBuffer data) throws IOException {
    synchronized (writing) {
      while (data.hasRemaining()) {
        int length = Math.min(data.remaining(), MAX_SENT_BYTES);
        writeAll(header.clear().putInt(number).putInt(length).flip());
        writeAll(data.slice(data.position(), length));
        data.position(data.position() + length);
      }
    }
  }

  private void writeAll(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      trunk.write(buffer);
    }
  }

  /** Ends the connection and every channel; blocked reads and writes return. */
  @Override
  public void close() {
    try {
      trunk.close();
    } catch (IOException e) {
      // close(2) never keeps the descriptor on Linux.
    }
    channels.values().forEach(Channel::end);
  }

  /** One of the channels. */
  private final class Channel implements ByteChannel {
    private final int number;
    private ByteBuffer waiting; // guarded by this
    private boolean ended; // guarded by this

    Channel(int number) {
      this.number = number;
    }

    /** Waits until the piece before is read: the connection itself is the queue. */
    synchronized void offer(ByteBuffer piece) throws IOException, InterruptedException {
      while (waiting != null) {
        if (ended) {
          throw new EOFException();
        }
        wait();
      }
      waiting = piece;
      notifyAll();
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
      while (waiting == null && !ended) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new ClosedChannelException();
        }
      }
      if (waiting == null) {
        return -1;
      }
      int length = Math.min(waiting.remaining(), into.remaining());
      into.put(waiting.slice(waiting.position(), length));
      waiting.position(waiting.position() + length);
      if (!waiting.hasRemaining()) {
        waiting = null;
        notifyAll();
      }
      return length;
    }

    @Override
    public int write(ByteBuffer data) throws IOException {
      int length = data.remaining();
      Multiplexer.this.write(number, data);
      return length;
    }

    @Override
    public synchronized boolean isOpen() {
      return !ended;
    }

    @Override
    public void close() {
      Multiplexer.this.close();
    }
  }
}
