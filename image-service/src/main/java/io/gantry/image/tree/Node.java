package io.gantry.image.tree;

import java.util.Objects;
import java.util.Optional;

/**
 * What is at a path.
 *
 * @param permissions 07777 of the mode
 * @param sizeBytes of a regular file
 * @param major of a device, else 0
 * @param minor of a device, else 0
 * @param shared which file it is, of a regular file that has several names; else empty
 */
public record Node(
    Kind kind,
    int uid,
    int gid,
    int permissions,
    long sizeBytes,
    Timestamp modified,
    long major,
    long minor,
    Optional<FileId> shared) {

  /**
   * What tells a file from others: two names with equal ids are names of one file.
   *
   * @param device what it lives on
   */
  public record FileId(long device, long inode) {}

  /** Sorts of files. */
  public enum Kind {
    REGULAR,
    DIRECTORY,
    SYMBOLIC_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO,
    SOCKET
  }

  public Node {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(modified);
    Objects.requireNonNull(shared);
  }

  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  /**
   * Whether overlayfs takes it for the mark of a removed name (kernel, filesystems/overlayfs.rst,
   * "whiteouts and opaque directories").
   */
  public boolean isWhiteout() {
    return kind == Kind.CHARACTER_DEVICE && major == 0 && minor == 0;
  }
}
