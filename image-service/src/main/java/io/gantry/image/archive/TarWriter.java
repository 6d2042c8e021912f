package io.gantry.image.archive;

import io.gantry.image.tree.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an archive in the pax format (POSIX, "pax Interchange Format"): what does not fit into the
 * old header goes into an extended one before it. Not thread-safe.
 */
public final class TarWriter {
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final long SIZE_LIMIT = 1L << 33; // 11 octal digits
  private static final long ID_LIMIT = 1L << 21; // 7 octal digits
  private static final Timestamp EPOCH = new Timestamp(0, 0);

  private final OutputStream out;
  private final byte[] buffer = new byte[64 << 10];

  /**
   * @param out stays the caller's to close
   */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds a directory, owned by root. */
  public void directory(String name, int permissions) throws IOException {
    member(plain(TarMember.DIRECTORY, name + "/", permissions, 0), InputStream.nullInputStream());
  }

  /** Adds a file of the host, owned by root. */
  public void file(String name, Path file, int permissions) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      member(plain(TarMember.FILE, name, permissions, Files.size(file)), content);
    }
  }

  /** Adds a file with that content, owned by root; not closed. */
  public void file(String name, long sizeBytes, InputStream content) throws IOException {
    member(plain(TarMember.FILE, name, 0644, sizeBytes), content);
  }

  private static TarMember plain(char type, String name, int permissions, long size) {
    String bytes = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return new TarMember(type, bytes, "", permissions, 0, 0, size, EPOCH, 0, 0, Map.of());
  }

  /**
   * Adds a member with as much content as its header says.
   *
   * @throws IOException also if the content is shorter
   */
  public void member(TarMember member, InputStream content) throws IOException {
    byte[] more = extended(member);
    if (more.length > 0) {
      TarMember holder =
          new TarMember('x', "pax", "", 0644, 0, 0, more.length, EPOCH, 0, 0, Map.of());
      out.write(header(holder));
      out.write(more);
      pad(more.length);
    }
    out.write(header(member));
    long left = member.sizeBytes();
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new IOException(member.name() + " has become shorter while it was read");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    pad(member.sizeBytes());
  }

  /** Writes the archive's end. */
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK_BYTES]);
    out.flush();
  }

  private void pad(long length) throws IOException {
    int over = (int) (length % BLOCK_BYTES);
    if (over > 0) {
      out.write(new byte[BLOCK_BYTES - over]);
    }
  }

  /** The records for what the old header cannot hold; none if it can hold all. */
  private static byte[] extended(TarMember member) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    if (member.name().length() > NAME_BYTES) {
      record(records, "path", bytes(member.name()));
    }
    if (member.link().length() > NAME_BYTES) {
      record(records, "linkpath", bytes(member.link()));
    }
    if (member.sizeBytes() >= SIZE_LIMIT) {
      record(records, "size", bytes(Long.toString(member.sizeBytes())));
    }
    if (member.uid() >= ID_LIMIT) {
      record(records, "uid", bytes(Long.toString(member.uid())));
    }
    if (member.gid() >= ID_LIMIT) {
      record(records, "gid", bytes(Long.toString(member.gid())));
    }
    Timestamp time = member.modified();
    if (time.nanos() != 0 || time.seconds() < 0 || time.seconds() >= SIZE_LIMIT) {
      record(records, "mtime", bytes(seconds(time)));
    }
    for (Map.Entry<String, byte[]> attribute : new TreeMap<>(member.attributes()).entrySet()) {
      record(records, "SCHILY.xattr." + attribute.getKey(), attribute.getValue());
    }
    return records.toByteArray();
  }

  private static String seconds(Timestamp time) {
    return BigDecimal.valueOf(time.seconds())
        .add(BigDecimal.valueOf(time.nanos(), 9))
        .toPlainString();
  }

  /** {@code LENGTH KEY=VALUE\n}, where LENGTH counts its own digits. */
  private static void record(ByteArrayOutputStream to, String key, byte[] value)
      throws IOException {
    byte[] name = bytes(" " + key + "=");
    int rest = name.length + value.length + 1;
    int length = rest + digits(rest);
    length = rest + digits(length);
    to.write(bytes(Integer.toString(length)));
    to.write(name);
    to.write(value);
    to.write('\n');
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }

  private static byte[] header(TarMember member) {
    byte[] block = new byte[BLOCK_BYTES];
    text(block, 0, NAME_BYTES, member.name());
    octal(block, 100, 8, member.permissions());
    octal(block, 108, 8, member.uid() < ID_LIMIT ? member.uid() : 0);
    octal(block, 116, 8, member.gid() < ID_LIMIT ? member.gid() : 0);
    octal(block, 124, 12, member.sizeBytes() < SIZE_LIMIT ? member.sizeBytes() : 0);
    long seconds = member.modified().seconds();
    octal(block, 136, 12, seconds >= 0 && seconds < SIZE_LIMIT ? seconds : 0);
    block[156] = (byte) member.type();
    text(block, 157, NAME_BYTES, member.link());
    text(block, 257, 8, "ustar\00000");
    octal(block, 329, 8, member.major());
    octal(block, 337, 8, member.minor());
    checksum(block);
    return block;
  }

  private static void checksum(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
  }

  private static void text(byte[] block, int offset, int length, String text) {
    byte[] bytes = bytes(text);
    System.arraycopy(bytes, 0, block, offset, Math.min(bytes.length, length));
  }

  /** Octal digits with zeros before them and a zero byte after them. */
  private static void octal(byte[] block, int offset, int length, long value) {
    long left = value;
    for (int i = offset + length - 2; i >= offset; i--) {
      block[i] = (byte) ('0' + (left & 7));
      left >>= 3;
    }
    block[offset + length - 1] = 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
