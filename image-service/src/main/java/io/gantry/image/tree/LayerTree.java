package io.gantry.image.tree;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One layer's directory, held open. Confined to one thread.
 *
 * <p>Paths are relative to the layer's root, components separated by single slashes; the root
 * itself is the empty string. <b>Each character stands for one byte</b> (as ISO 8859-1 has it),
 * because file names are bytes and need not be UTF-8; link targets and attribute names are the
 * same. No operation follows a symbolic link, neither at the end of a path nor on the way: a path
 * that leads through one is refused with an IOException, so that nothing outside the root can be
 * reached whatever the layer holds.
 */
public interface LayerTree extends Closeable {

  /** What is at a path, if there is anything. A missing parent means that there is nothing. */
  Optional<Node> find(String path) throws IOException;

  /** The names in a directory, in no order. */
  List<String> names(String path) throws IOException;

  /** The target of a symbolic link. */
  String readLink(String path) throws IOException;

  /** Opens a regular file for reading; the caller closes it. */
  InputStream read(String path) throws IOException;

  /** The extended attributes that can be read. */
  Map<String, byte[]> attributes(String path) throws IOException;

  /**
   * Makes a directory; its parent must be there and itself must not. Its metadata are to be set
   * afterwards, as for all that follow.
   */
  void makeDirectory(String path) throws IOException;

  /**
   * Makes a regular file, which must not be there, and opens it for writing; the caller closes it.
   */
  NewFile makeFile(String path) throws IOException;

  void makeSymbolicLink(String path, String target) throws IOException;

  /**
   * Makes a device or FIFO.
   *
   * @param kind {@link Node.Kind#CHARACTER_DEVICE}, {@link Node.Kind#BLOCK_DEVICE} or {@link
   *     Node.Kind#FIFO}
   */
  void makeSpecial(String path, Node.Kind kind, long major, long minor) throws IOException;

  /** Gives what is at {@code existing} another name. */
  void link(String existing, String path) throws IOException;

  /**
   * Sets ids, permissions, attributes and modification time of anything but a whiteout; of a
   * symbolic link, all but the permissions.
   */
  void setMetadata(String path, Metadata metadata) throws IOException;

  /** Sets the modification time alone. */
  void setTime(String path, Timestamp time) throws IOException;

  /** Sets one extended attribute. */
  void setAttribute(String path, String name, byte[] value) throws IOException;

  /** Removes what is at a path and everything below; removing what is not there succeeds. */
  void remove(String path) throws IOException;

  /** Makes durable all that was done. */
  void sync() throws IOException;

  /** A regular file while it is written. */
  interface NewFile extends Closeable {

    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Moves on without writing; what is left out is a hole that reads as zeros. */
    void skip(long bytes) throws IOException;

    /** Sets the metadata; nothing may be written afterwards. */
    void finish(Metadata metadata) throws IOException;
  }
}
