package io.gantry.runtime.linux;

import com.kenai.jffi.MemoryIO;

/**
 * Native memory for the strings and structs of one system call, freed as a whole. Confined to one
 * thread.
 */
final class Scratch implements AutoCloseable {
  private static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final int BLOCK = 1024;

  /** Each block begins with the address of the block before it. */
  private static final int HEADER = 16;

  private long block;
  private long next;
  private long end;

  /** Zeroed memory, aligned to 8 bytes. */
  long zeroed(int sizeBytes) {
    long address = raw(sizeBytes);
    MEMORY.setMemory(address, sizeBytes, (byte) 0);
    return address;
  }

  /** Memory with any content, aligned to 8 bytes. */
  long raw(int sizeBytes) {
    long rounded = (sizeBytes + 7L) & ~7L;
    if (end - next < rounded) {
      long size = Math.max(BLOCK, rounded + HEADER);
      long fresh = MEMORY.allocateMemory(size, false);
      if (fresh == 0) {
        throw new OutOfMemoryError(size + " bytes of native memory");
      }
      MEMORY.putLong(fresh, block);
      block = fresh;
      next = fresh + HEADER;
      end = fresh + size;
    }
    long address = next;
    next += rounded;
    return address;
  }

  /** A zero-terminated string; 0, the null pointer, for {@code null}. */
  long text(String text) {
    if (text == null) {
      return 0;
    }
    if (text.indexOf('\0') >= 0) {
      // The kernel would see a shorter name than the one that was checked.
      throw new IllegalArgumentException("zero byte in \"" + text.replace("\0", "\\0") + "\"");
    }
    byte[] bytes = NativeText.encode(text);
    long address = raw(bytes.length + 1);
    MEMORY.putByteArray(address, bytes, 0, bytes.length);
    MEMORY.putByte(address + bytes.length, (byte) 0);
    return address;
  }

  /** A copy of {@code bytes}. */
  long bytes(byte[] bytes) {
    long address = raw(bytes.length);
    MEMORY.putByteArray(address, bytes, 0, bytes.length);
    return address;
  }

  @Override
  public void close() {
    while (block != 0) {
      long previous = MEMORY.getLong(block);
      MEMORY.freeMemory(block);
      block = previous;
    }
    next = 0;
    end = 0;
  }
}
