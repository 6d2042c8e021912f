package io.gantry.runtime.ttrpc;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * Reads and writes frames on a connected socket. One thread reads; any thread may write, frames
 * never interleave. Closing is allowed from any thread and ends a blocked read.
 */
final class FrameChannel implements Closeable {
  // Native I/O copies heap buffers through a per-thread direct buffer of the same size; own small
  // direct buffers keep a shim's
  // memory flat whatever the size of a message.
  private static final int BUFFER_BYTES = 4096;

  private final ByteChannel channel;
  private final int receiveLimitBytes;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();
  private final Object writeLock = new Object();
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES); // guarded by writeLock

  FrameChannel(ByteChannel channel, int receiveLimitBytes) {
    this.channel = channel;
    this.receiveLimitBytes = receiveLimitBytes;
  }

  /**
   * The next frame, or null when the peer has closed between two frames.
   *
   * @throws EOFException when the peer has closed within a frame
   */
  Frame read() throws IOException {
    if (!fill(Frame.HEADER_BYTES, true)) {
      return null;
    }
    int length = in.getInt();
    int streamId = in.getInt();
    byte type = in.get();
    byte flags = in.get();
    if (length < 0 || length > Frame.MAX_PAYLOAD_BYTES) {
      skip(Integer.toUnsignedLong(length));
      return Frame.tooLong(streamId, type, flags);
    }
    if (length > receiveLimitBytes) {
      skip(length);
      return Frame.tooLong(streamId, type, flags);
    }
    byte[] payload = new byte[length];
    for (int done = 0; done < length; ) {
      fill(1, false);
      int part = Math.min(in.remaining(), length - done);
      in.get(payload, done, part);
      done += part;
    }
    return new Frame(streamId, type, flags, payload, false);
  }

  /**
   * Writes the frame whole.
   *
   * @throws TtrpcException RESOURCE_EXHAUSTED when the payload is over the protocol's limit;
   *     nothing is written then
   */
  void write(Frame frame) throws IOException {
    byte[] payload = frame.payload();
    if (payload.length > Frame.MAX_PAYLOAD_BYTES) {
      throw new TtrpcException(
          TtrpcCode.RESOURCE_EXHAUSTED,
          "send message of "
              + payload.length
              + " bytes: over the limit of "
              + Frame.MAX_PAYLOAD_BYTES);
    }
    synchronized (writeLock) {
      out.clear();
      out.putInt(payload.length).putInt(frame.streamId()).put(frame.type()).put(frame.flags());
      for (int done = 0; done < payload.length; ) {
        int part = Math.min(out.remaining(), payload.length - done);
        out.put(payload, done, part);
        done += part;
        if (!out.hasRemaining()) {
          flush();
        }
      }
      flush();
    }
  }

  private void flush() throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    out.clear();
  }

  private void skip(long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      fill(1, false);
      int part = (int) Math.min(in.remaining(), left);
      in.position(in.position() + part);
      left -= part;
    }
  }

  /** Makes at least {@code bytes} readable; false at a clean end of input. */
  private boolean fill(int bytes, boolean endAllowed) throws IOException {
    while (in.remaining() < bytes) {
      in.compact();
      int read = channel.read(in);
      in.flip();
      if (read < 0) {
        if (endAllowed && !in.hasRemaining()) {
          return false;
        }
        throw new EOFException("connection closed within a ttrpc frame");
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
