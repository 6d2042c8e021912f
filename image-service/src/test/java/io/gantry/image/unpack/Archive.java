package io.gantry.image.unpack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes layers for tests, with a stranger's tar writer. */
public final class Archive {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "ISO-8859-1");

  public Archive() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  private static TarArchiveEntry entry(String name, byte type, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setMode(mode);
    entry.setIds(0, 0);
    entry.setModTime(1000_000L);
    return entry;
  }

  public Archive put(TarArchiveEntry entry, byte[] content) {
    try {
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Archive file(String name, String content) {
    return file(name, content, 0644, 0);
  }

  public Archive file(String name, String content, int mode, int uid) {
    TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, mode);
    entry.setIds(uid, uid);
    return put(entry, content.getBytes(StandardCharsets.ISO_8859_1));
  }

  public Archive directory(String name, int mode, int uid) {
    TarArchiveEntry entry = entry(name, TarConstants.LF_DIR, mode);
    entry.setIds(uid, uid);
    return put(entry, new byte[0]);
  }

  public Archive link(byte type, String name, String target) {
    TarArchiveEntry entry = entry(name, type, 0777);
    entry.setLinkName(target);
    return put(entry, new byte[0]);
  }

  public Archive symbolicLink(String name, String target) {
    return link(TarConstants.LF_SYMLINK, name, target);
  }

  public Archive hardLink(String name, String target) {
    return link(TarConstants.LF_LINK, name, target);
  }

  public Archive device(byte type, String name, int major, int minor) {
    TarArchiveEntry entry = entry(name, type, 0600);
    entry.setDevMajor(major);
    entry.setDevMinor(minor);
    return put(entry, new byte[0]);
  }

  /** A pax header written by hand, for the member put next; values are bytes as characters. */
  public Archive pax(String... keysAndValues) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      String rest = " " + keysAndValues[i] + "=" + keysAndValues[i + 1] + "\n";
      int length = rest.length() + 1;
      while (String.valueOf(length).length() + rest.length() != length) {
        length++;
      }
      records.writeBytes((length + rest).getBytes(StandardCharsets.ISO_8859_1));
    }
    return put(
        entry("PaxHeader", TarConstants.LF_PAX_EXTENDED_HEADER_LC, 0644), records.toByteArray());
  }

  public byte[] tar() {
    try {
      tar.finish();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }
}
