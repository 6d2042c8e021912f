package io.gantry.cri.layers;

import io.gantry.runtime.linux.NativeText;
import java.nio.charset.StandardCharsets;

/**
 * Goes between the port's strings, one byte per character, and those of the system calls, {@link
 * NativeText}.
 */
final class ByteText {

  private ByteText() {}

  static String toNative(String bytes) {
    return isAscii(bytes) ? bytes : NativeText.decode(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String fromNative(String text) {
    return isAscii(text) ? text : new String(NativeText.encode(text), StandardCharsets.ISO_8859_1);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }
}
