package io.gantry.runtime.linux;

import java.nio.charset.StandardCharsets;

/**
 * Text as the kernel has it: bytes without a zero, mostly UTF-8 but not always.
 *
 * <p>A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 plus its value, and
 * that surrogate becomes the byte again, so every file name survives the way through a {@link
 * String} and back (the scheme of Python's PEP 383).
 */
public final class NativeText {
  private NativeText() {}

  /** The bytes of {@code text}, without a closing zero. */
  public static byte[] encode(String text) {
    if (!hasEscapes(text)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    byte[] out = new byte[text.length() * 3];
    int length = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (isEscape(text, at)) {
        out[length++] = (byte) (c - 0xDC00);
        at++;
        continue;
      }
      int end = at + Character.charCount(text.codePointAt(at));
      byte[] encoded = text.substring(at, end).getBytes(StandardCharsets.UTF_8);
      System.arraycopy(encoded, 0, out, length, encoded.length);
      length += encoded.length;
      at = end;
    }
    return java.util.Arrays.copyOf(out, length);
  }

  /** The text of {@code bytes}. */
  public static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /** The text of some of {@code bytes}. */
  public static String decode(byte[] bytes, int offset, int length) {
    String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(length);
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int sequence = validSequence(bytes, at, end);
      if (sequence == 0) {
        out.append((char) (0xDC00 + (bytes[at] & 0xff)));
        at++;
      } else {
        out.append(new String(bytes, at, sequence, StandardCharsets.UTF_8));
        at += sequence;
      }
    }
    return out.toString();
  }

  private static boolean hasEscapes(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isEscape(String text, int at) {
    char c = text.charAt(at);
    return c >= 0xDC80
        && c <= 0xDCFF
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }

  /**
   * The length of the valid UTF-8 sequence that starts here, or 0 (Unicode standard, table 3-7).
   */
  private static int validSequence(byte[] bytes, int at, int end) {
    int first = bytes[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > end) {
      return 0;
    }
    int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    for (int i = 1; i < length; i++) {
      int next = bytes[at + i] & 0xff;
      if (next < low || next > high) {
        return 0;
      }
      low = 0x80;
      high = 0xBF;
    }
    return length;
  }
}
