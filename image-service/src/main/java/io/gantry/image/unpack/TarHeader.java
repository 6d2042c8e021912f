package io.gantry.image.unpack;

import java.nio.charset.StandardCharsets;

/**
 * One 512-byte header block (POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
 * Format").
 */
final class TarHeader {

  static final int BLOCK_BYTES = 512;

  private final byte[] block;

  private TarHeader(byte[] block) {
    this.block = block;
  }

  /**
   * @throws MalformedTarException if the checksum is wrong
   */
  static TarHeader of(byte[] block) throws MalformedTarException {
    TarHeader header = new TarHeader(block);
    header.checkSum();
    return header;
  }

  /** A block laid out like a header that has no checksum. */
  static TarHeader unchecked(byte[] block) {
    return new TarHeader(block);
  }

  static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private void checkSum() throws MalformedTarException {
    long stored = number(148, 8, "checksum");
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b; // Some old programs summed signed characters.
    }
    if (stored != unsigned && stored != signed) {
      throw new MalformedTarException("a header's checksum is wrong");
    }
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  /** The name, with the prefix that POSIX's form of the header has and GNU's does not. */
  String name() {
    String name = text(0, 100);
    boolean posix =
        block[257] == 'u'
            && block[258] == 's'
            && block[259] == 't'
            && block[260] == 'a'
            && block[261] == 'r'
            && block[262] == 0;
    String prefix = posix ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  String link() {
    return text(157, 100);
  }

  int permissions() throws MalformedTarException {
    return (int) number(100, 8, "mode") & 07777;
  }

  long uid() throws MalformedTarException {
    return number(108, 8, "uid");
  }

  long gid() throws MalformedTarException {
    return number(116, 8, "gid");
  }

  long size() throws MalformedTarException {
    return number(124, 12, "size");
  }

  long modified() throws MalformedTarException {
    return number(136, 12, "mtime");
  }

  long major() throws MalformedTarException {
    return number(329, 8, "major");
  }

  long minor() throws MalformedTarException {
    return number(337, 8, "minor");
  }

  String text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  boolean flag(int offset) {
    return block[offset] != 0;
  }

  /**
   * Octal digits between spaces and zeros; or, with the first bit set, a big-endian binary number
   * in two's complement (GNU's extension).
   */
  long number(int offset, int length, String what) throws MalformedTarException {
    if ((block[offset] & 0x80) != 0) {
      return binary(offset, length, what);
    }
    long value = 0;
    boolean ended = false;
    boolean begun = false;
    for (int i = offset; i < offset + length; i++) {
      byte b = block[i];
      if (b == 0 || b == ' ') {
        ended |= begun;
      } else if (ended || b < '0' || b > '7') {
        throw new MalformedTarException("a header's " + what + " is not a number");
      } else {
        begun = true;
        value = value << 3 | b - '0';
      }
    }
    return value;
  }

  private long binary(int offset, int length, String what) throws MalformedTarException {
    boolean negative = (block[offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = offset; i < offset + length; i++) {
      int b = i == offset ? block[i] & 0x7f | (negative ? 0x80 : 0) : block[i] & 0xff;
      if (value != value << 8 >> 8) {
        throw new MalformedTarException("a header's " + what + " is too large");
      }
      value = value << 8 | b;
    }
    return value;
  }
}
