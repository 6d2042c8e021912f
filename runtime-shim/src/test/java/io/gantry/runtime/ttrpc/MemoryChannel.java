package io.gantry.runtime.ttrpc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** A channel over arrays, which can move as few bytes at a time as a test wants. */
final class MemoryChannel implements ByteChannel {
  private final ByteBuffer in;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int chunkBytes = Integer.MAX_VALUE;

  MemoryChannel(byte[] in) {
    this.in = ByteBuffer.wrap(in);
  }

  void chunkBytes(int bytes) {
    chunkBytes = bytes;
  }

  byte[] written() {
    return out.toByteArray();
  }

  @Override
  public int read(ByteBuffer into) {
    if (!in.hasRemaining()) {
      return -1;
    }
    int part = Math.min(chunkBytes, Math.min(in.remaining(), into.remaining()));
    into.put(in.slice(in.position(), part));
    in.position(in.position() + part);
    return part;
  }

  @Override
  public int write(ByteBuffer from) {
    byte[] part = new byte[Math.min(chunkBytes, from.remaining())];
    from.get(part);
    out.writeBytes(part);
    return part.length;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
