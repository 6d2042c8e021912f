package io.gantry.image.unpack;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Finds out by its first bytes how a layer is compressed; media types are not to be relied upon, as
 * Docker's old ones say nothing.
 */
public final class Decompression {

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int XZ_LIMIT_KIB = 128 << 10; // What xz -9 needs, and then some.

  private Decompression() {}

  /** The uncompressed bytes; closing the answer closes {@code compressed}. */
  public static InputStream of(InputStream compressed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(compressed, BUFFER_BYTES);
    in.mark(4);
    byte[] magic = in.readNBytes(4);
    in.reset();
    if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      return new GZIPInputStream(in, BUFFER_BYTES); // RFC 1952
    }
    if (magic.length == 4 && isZstd(littleEndian(magic))) {
      ZstdInputStream zstd = new ZstdInputStream(in);
      zstd.setContinuous(false); // A frame that is cut off is an error, not a quiet end.
      return zstd;
    }
    return in;
  }

  /** As {@link #of}, with bzip2 and xz besides, which layers never have. */
  static InputStream ofAny(InputStream compressed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(compressed, BUFFER_BYTES);
    in.mark(6);
    byte[] magic = in.readNBytes(6);
    in.reset();
    String text = new String(magic, StandardCharsets.ISO_8859_1);
    if (text.startsWith("BZh")) {
      return new BZip2CompressorInputStream(in, true);
    }
    if (text.equals("\u00fd7zXZ\0")) {
      return new XZInputStream(in, XZ_LIMIT_KIB);
    }
    return of(in);
  }

  /** RFC 8878: a frame, or one of the skippable frames that zstd:chunked and pzstd begin with. */
  private static boolean isZstd(int magic) {
    return magic == 0xFD2FB528 || (magic & 0xFFFFFFF0) == 0x184D2A50;
  }

  private static int littleEndian(byte[] b) {
    return b[0] & 0xff | (b[1] & 0xff) << 8 | (b[2] & 0xff) << 16 | (b[3] & 0xff) << 24;
  }
}
