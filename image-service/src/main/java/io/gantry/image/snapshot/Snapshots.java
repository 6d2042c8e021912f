package io.gantry.image.snapshot;

import io.gantry.image.tree.DiskUsage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writable root filesystems by key, each above a committed chain of layers. Safe for use by many
 * threads; every act is complete or undone after a crash.
 *
 * <p>A key is chosen by the caller (a container id): 1 to 144 of {@code [A-Za-z0-9._-]}, not
 * beginning with a dot.
 */
public interface Snapshots {

  /**
   * Makes a writable filesystem above {@code chain}, or above nothing, and says what to mount.
   * Asking again with the same key and chain gives the same answer and changes nothing; from now
   * until {@link #remove} the chain's layers stay, even if their image is removed.
   *
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if the chain is not here
   * @throws IllegalArgumentException if the key is malformed
   * @throws IllegalStateException if the key is taken by a snapshot of another chain
   */
  List<SnapshotMount> prepare(String key, Optional<ChainId> chain) throws IOException;

  /**
   * Keeps the layers of {@code chain} for {@code key}, for reading alone, until {@link #remove}.
   * Nothing is written for it but the record; asking again gives the same answer.
   *
   * @return the directories of the layers, the top one first; none above nothing
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if the chain is not here
   * @throws IllegalArgumentException if the key is malformed
   * @throws IllegalStateException if the key is taken by a snapshot of another chain
   */
  List<Path> view(String key, Optional<ChainId> chain) throws IOException;

  /**
   * What to mount for a snapshot that was prepared, in order.
   *
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if there is none of that key
   */
  List<SnapshotMount> mounts(String key) throws IOException;

  /**
   * Removes a writable filesystem and all it holds; it must not be mounted any more. Removing what
   * is not there succeeds.
   */
  void remove(String key) throws IOException;

  /**
   * What the writable layer alone takes on disk, found by walking it.
   *
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if there is none of that key
   */
  DiskUsage usage(String key) throws IOException;

  /**
   * Writes what the writable layer alone holds as an uncompressed layer of an image: what was made,
   * changed and removed above the chain. Nobody may write to it meanwhile.
   *
   * @param to not closed
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if there is none of that key
   */
  void writeChanges(String key, OutputStream to) throws IOException;

  /**
   * Makes the writable layer what {@link #writeChanges} once wrote. Nothing may have been written
   * to it before, nor be mounted; after a failure it is of no use.
   *
   * @param changes not closed
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if there is none of that key; CORRUPT
   *     if the archive is malformed or hostile
   */
  void applyChanges(String key, InputStream changes) throws IOException;

  /** The keys of all writable filesystems. */
  Set<String> list();

  /**
   * Reads a file of a snapshot as a process inside would see it, without mounting anything: layers
   * are looked through from the top, whiteouts hide, and symbolic links are followed without
   * leaving the root.
   *
   * @param path absolute inside the snapshot, such as {@code /etc/passwd}
   * @param limitBytes the largest size accepted
   * @return the content, or nothing if there is no such regular file
   * @throws io.gantry.image.failure.ImageException NOT_FOUND if there is no snapshot of that key,
   *     CORRUPT if the file is larger than the limit
   */
  Optional<byte[]> readFile(String key, String path, int limitBytes) throws IOException;
}
