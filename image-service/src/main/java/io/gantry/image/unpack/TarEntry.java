package io.gantry.image.unpack;

import io.gantry.image.tree.Timestamp;
import java.util.List;
import java.util.Map;

/**
 * One member of a tar archive, with all its headers put together. Strings hold one byte per
 * character.
 *
 * @param name as written, not checked
 * @param link the target of a symbolic or hard link, as written
 * @param storedBytes how many bytes of content follow in the archive
 * @param sizeBytes how long the file is, which for a sparse one is more
 * @param data where the stored bytes go in the file, in order; for a file that is not sparse, one
 *     extent
 * @param attributes extended attributes by full name
 */
public record TarEntry(
    Kind kind,
    String name,
    String link,
    int permissions,
    long uid,
    long gid,
    long storedBytes,
    long sizeBytes,
    List<Extent> data,
    Timestamp modified,
    long major,
    long minor,
    Map<String, byte[]> attributes) {

  public enum Kind {
    REGULAR,
    HARD_LINK,
    SYMBOLIC_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    DIRECTORY,
    FIFO
  }

  /** A stretch of a file that is not a hole. */
  public record Extent(long offset, long lengthBytes) {}

  public TarEntry {
    data = List.copyOf(data);
    attributes = Map.copyOf(attributes);
  }
}
