package io.gantry.docker.cli.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads ustar, pax and GNU archives, entry by entry. */
public final class TarReader {
  private static final int BLOCK = 512;
  private static final int MAX_RECORDS = 1 << 20;

  private final InputStream in;
  private long left;
  private long padding;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry, once what is left of the one before was passed over; empty at the end. */
  public Optional<TarEntry> next() throws IOException {
    Map<String, String> records = new HashMap<>();
    while (true) {
      in.skipNBytes(left + padding);
      left = 0;
      padding = 0;
      byte[] block = in.readNBytes(BLOCK);
      if (block.length < BLOCK || block[0] == 0) {
        in.transferTo(OutputStream.nullOutputStream()); // the engine is let write to its end
        return Optional.empty();
      }
      long size = number(block, 124, 12);
      char flag = (char) block[156];
      switch (flag) {
        case 'x' -> read(records, content(size));
        case 'g' -> content(size);
        case 'L' -> records.put("path", withoutEnd(content(size)));
        case 'K' -> records.put("linkpath", withoutEnd(content(size)));
        default -> {
          return Optional.of(entry(block, flag, size, records));
        }
      }
    }
  }

  private TarEntry entry(byte[] block, char flag, long size, Map<String, String> records)
      throws IOException {
    String prefix = text(block, 345, 155);
    boolean posix = text(block, 257, 6).equals("ustar");
    String name = text(block, 0, 100);
    name = posix && !prefix.isEmpty() ? prefix + "/" + name : name;
    TarEntry.Kind kind = TarEntry.Kind.of(flag);
    long bytes = records.containsKey("size") ? Long.parseLong(records.get("size")) : size;
    left = kind == TarEntry.Kind.FILE ? bytes : 0;
    padding = (BLOCK - left % BLOCK) % BLOCK;
    String link = records.getOrDefault("linkpath", text(block, 157, 100));
    return new TarEntry(
        records.getOrDefault("path", name),
        kind,
        (int) number(block, 100, 8) & 07777,
        left,
        number(block, 136, 12),
        link.isEmpty() ? Optional.empty() : Optional.of(link));
  }

  /** The content of the entry that came last. */
  public void copyTo(OutputStream out) throws IOException {
    byte[] buffer = new byte[32 * 1024];
    while (left > 0) {
      int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new EOFException("the archive ends in the middle of a file");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
  }

  private byte[] content(long size) throws IOException {
    if (size > MAX_RECORDS) {
      throw new IOException("an archive with a header of " + size + " bytes");
    }
    byte[] content = in.readNBytes((int) size);
    in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
    return content;
  }

  private static void read(Map<String, String> records, byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      int equals = line.indexOf('=');
      if (space > 0 && equals > space) {
        records.put(line.substring(space + 1, equals), line.substring(equals + 1));
      }
    }
  }

  private static String withoutEnd(byte[] content) {
    return text(content, 0, content.length);
  }

  private static String text(byte[] block, int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static long number(byte[] block, int offset, int length) throws IOException {
    if ((block[offset] & 0x80) != 0) { // GNU's binary form
      long value = block[offset] & 0x7f;
      for (int i = 1; i < length; i++) {
        value = value << 8 | block[offset + i] & 0xff;
      }
      return value;
    }
    String digits = text(block, offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("not a tar archive: a number is " + digits, e);
    }
  }
}
