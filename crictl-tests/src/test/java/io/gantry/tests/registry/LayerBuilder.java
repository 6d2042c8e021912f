package io.gantry.tests.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes one image layer entry by entry.
 *
 * <p>All times are fixed, so the same calls give the same digest. Parent directories that were not
 * added are added as root's, mode 0755.
 */
public final class LayerBuilder {

  /** 2024-01-01T00:00:00Z: any time will do, but tests assert that unpacking keeps it. */
  public static final long MODIFIED_EPOCH_SECONDS = 1_704_067_200L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");
  private final TreeSet<String> directories = new TreeSet<>();

  public LayerBuilder() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  public LayerBuilder directory(String path, int mode) {
    return directory(path, mode, 0, 0);
  }

  public LayerBuilder directory(String path, int mode, int uid, int gid) {
    parents(path);
    directories.add(path);
    TarArchiveEntry entry = new TarArchiveEntry(path + "/", TarConstants.LF_DIR);
    return write(entry, mode, uid, gid, new byte[0]);
  }

  public LayerBuilder file(String path, int mode, byte[] content) {
    return file(path, mode, 0, 0, content, Map.of());
  }

  public LayerBuilder file(String path, int mode, String content) {
    return file(path, mode, content.getBytes(StandardCharsets.UTF_8));
  }

  public LayerBuilder fileFrom(String path, int mode, Path source) {
    try {
      return file(path, mode, Files.readAllBytes(source));
    } catch (IOException e) {
      throw new UncheckedIOException("read " + source + " for layer entry " + path, e);
    }
  }

  /**
   * Adds a file with extended attributes, written as {@code SCHILY.xattr.NAME} PAX records.
   *
   * @param mode permission bits with setuid, setgid and sticky, e.g. 04755
   */
  public LayerBuilder file(
      String path, int mode, int uid, int gid, byte[] content, Map<String, byte[]> attributes) {
    parents(path);
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
    entry.setSize(content.length);
    attributes.forEach(
        (name, value) ->
            // PAX values are bytes, the library's are text; ISO 8859-1 would be re-encoded, so only
            // ASCII values can be written.
            entry.addPaxHeader(
                "SCHILY.xattr." + name, new String(value, StandardCharsets.US_ASCII)));
    return write(entry, mode, uid, gid, content);
  }

  public LayerBuilder symlink(String path, String target) {
    parents(path);
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    return write(entry, 0777, 0, 0, new byte[0]);
  }

  /**
   * Adds a second name of an entry of this layer.
   *
   * @param mode the entry's own: some runtimes set it again through the link
   */
  public LayerBuilder hardlink(String path, String target, int mode) {
    parents(path);
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_LINK);
    entry.setLinkName(target);
    return write(entry, mode, 0, 0, new byte[0]);
  }

  public LayerBuilder fifo(String path, int mode) {
    parents(path);
    return write(new TarArchiveEntry(path, TarConstants.LF_FIFO), mode, 0, 0, new byte[0]);
  }

  public LayerBuilder characterDevice(String path, int mode, int major, int minor) {
    parents(path);
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_CHR);
    entry.setDevMajor(major);
    entry.setDevMinor(minor);
    return write(entry, mode, 0, 0, new byte[0]);
  }

  /** Removes a name of a lower layer (OCI image-spec, layer.md, "Whiteouts"). */
  public LayerBuilder whiteout(String path) {
    int slash = path.lastIndexOf('/');
    return file(path.substring(0, slash + 1) + ".wh." + path.substring(slash + 1), 0644, "");
  }

  /** Hides everything that lower layers have in a directory. */
  public LayerBuilder opaque(String directory) {
    return file(directory + "/.wh..wh..opq", 0644, "");
  }

  /** Ends the layer. The builder cannot be used afterwards. */
  public Layer gzipped() {
    return Layer.gzip(finished());
  }

  /** Ends the layer and leaves it uncompressed. The builder cannot be used afterwards. */
  public Layer plain() {
    return Layer.plain(finished());
  }

  private byte[] finished() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException("finish layer", e);
    }
    return bytes.toByteArray();
  }

  private void parents(String path) {
    for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      if (directories.add(parent)) {
        write(new TarArchiveEntry(parent + "/", TarConstants.LF_DIR), 0755, 0, 0, new byte[0]);
      }
    }
  }

  private LayerBuilder write(TarArchiveEntry entry, int mode, int uid, int gid, byte[] content) {
    entry.setMode(mode);
    entry.setUserId(uid);
    entry.setGroupId(gid);
    entry.setModTime(MODIFIED_EPOCH_SECONDS * 1000);
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException("layer entry " + entry.getName(), e);
    }
    return this;
  }
}
