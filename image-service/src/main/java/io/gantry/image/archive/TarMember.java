package io.gantry.image.archive;

import io.gantry.image.tree.Timestamp;
import java.util.Map;

/**
 * The header of one member of an archive.
 *
 * @param type the letter that tar has for its kind, such as {@code '0'} for a file
 * @param name one character per byte, relative, a directory's with a slash at its end
 * @param link what a symbolic link leads to, or an earlier member's name for a hard link, one
 *     character per byte; else empty
 * @param sizeBytes of the content that follows
 * @param attributes extended attributes
 */
public record TarMember(
    char type,
    String name,
    String link,
    int permissions,
    long uid,
    long gid,
    long sizeBytes,
    Timestamp modified,
    long major,
    long minor,
    Map<String, byte[]> attributes) {
  public static final char FILE = '0';
  public static final char HARD_LINK = '1';
  public static final char SYMBOLIC_LINK = '2';
  public static final char CHARACTER_DEVICE = '3';
  public static final char BLOCK_DEVICE = '4';
  public static final char DIRECTORY = '5';
  public static final char FIFO = '6';

  public TarMember {
    attributes = Map.copyOf(attributes);
  }
}
