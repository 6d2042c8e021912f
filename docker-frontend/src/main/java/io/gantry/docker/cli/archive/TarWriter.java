package io.gantry.docker.cli.archive;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes ustar archives, with pax records for what does not fit: POSIX.1-2001, pax. */
public final class TarWriter implements Closeable {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final long OCTAL_LIMIT = 1L << 33;

  private final OutputStream out;

  /**
   * @param out is not closed
   */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** An entry without content. */
  public void put(TarEntry entry) throws IOException {
    header(entry);
  }

  /** A file, whose size the entry holds. What the file has grown since is left out. */
  public void put(TarEntry entry, InputStream content) throws IOException {
    header(entry);
    long left = entry.size();
    byte[] buffer = new byte[32 * 1024];
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new IOException(entry.name() + " has become shorter while it was read");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    pad(entry.size());
  }

  private void header(TarEntry entry) throws IOException {
    boolean directory = entry.kind() == TarEntry.Kind.DIRECTORY;
    String name = directory && !entry.name().endsWith("/") ? entry.name() + "/" : entry.name();
    String link = entry.link().orElse("");
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    if (tooLong(name)) {
      record(records, "path", name);
    }
    if (tooLong(link)) {
      record(records, "linkpath", link);
    }
    if (entry.size() >= OCTAL_LIMIT) {
      record(records, "size", Long.toString(entry.size()));
    }
    if (records.size() > 0) {
      block("pax", 'x', 0644, records.size(), entry.modifiedSeconds(), "");
      records.writeTo(out);
      pad(records.size());
    }
    long size = entry.kind() == TarEntry.Kind.FILE ? entry.size() : 0;
    block(name, entry.kind().flag, entry.mode(), size, entry.modifiedSeconds(), link);
  }

  private static boolean tooLong(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length > NAME
        || !StandardCharsets.US_ASCII.newEncoder().canEncode(text);
  }

  /** A record's length counts its own digits. */
  private static void record(ByteArrayOutputStream records, String key, String value) {
    byte[] text = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    int length = text.length + 1;
    while (Integer.toString(length).length() + text.length != length) {
      length = Integer.toString(length).length() + text.length;
    }
    records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
    records.writeBytes(text);
  }

  private void block(String name, char flag, int mode, long size, long modified, String link)
      throws IOException {
    byte[] block = new byte[BLOCK];
    put(block, 0, NAME, name);
    octal(block, 100, 8, mode);
    octal(block, 108, 8, 0);
    octal(block, 116, 8, 0);
    octal(block, 124, 12, size >= OCTAL_LIMIT ? 0 : size);
    octal(block, 136, 12, Math.max(0, modified));
    block[156] = (byte) flag;
    put(block, 157, NAME, link);
    put(block, 257, 6, "ustar\0");
    put(block, 263, 2, "00");
    java.util.Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    out.write(block);
  }

  private static void put(byte[] block, int offset, int length, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, offset, Math.min(length, bytes.length));
  }

  private static void octal(byte[] block, int offset, int length, long value) {
    String digits = Long.toOctalString(value);
    put(block, offset, length - 1, "0".repeat(Math.max(0, length - 1 - digits.length())) + digits);
  }

  private void pad(long size) throws IOException {
    int rest = (int) (size % BLOCK);
    if (rest > 0) {
      out.write(new byte[BLOCK - rest]);
    }
  }

  /** Two empty blocks are the end. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }
}
