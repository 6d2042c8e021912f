package io.gantry.runtime.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bytes of kernel structs; both architectures are little-endian. */
final class Structs {
  private Structs() {}

  static byte[] ofLongs(long... words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  static byte[] ofInts(int... words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return bytes.array();
  }
}
