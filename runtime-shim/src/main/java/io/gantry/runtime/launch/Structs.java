package io.gantry.runtime.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes of kernel structs; both architectures are little-endian. */
final class Structs {
  private static final int UNIX_PATH_BYTES = 107;

  private Structs() {}

  static byte[] ofLongs(long... words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  /** struct sockaddr_un of a path (unix(7)). */
  static byte[] unixAddress(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > UNIX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "socket path " + path + " is not of 1-" + UNIX_PATH_BYTES + " bytes");
    }
    return ByteBuffer.allocate(Short.BYTES + name.length + 1)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) 1) // AF_UNIX
        .put(name)
        .array();
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
