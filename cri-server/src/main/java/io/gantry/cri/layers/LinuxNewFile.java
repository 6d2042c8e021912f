package io.gantry.cri.layers;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.Metadata;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileTime;
import io.gantry.runtime.linux.Files;
import java.io.IOException;
import java.util.Map;

/** A regular file while it is written, through a descriptor that appends. */
final class LinuxNewFile implements LayerTree.NewFile {

  private final Files files;
  private final Fd file;
  private final String path;
  private long position;

  LinuxNewFile(Files files, Fd file, String path) {
    this.files = files;
    this.file = file;
    this.path = path;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      done += files.write(file, bytes, offset + done, length - done);
    }
    position += length;
  }

  @Override
  public void skip(long bytes) throws IOException {
    if (bytes < 0 || position > Long.MAX_VALUE - bytes) {
      throw new IOException(path + " would be longer than a file can be");
    }
    position += bytes;
    // The file is open for appending, so what is written next goes behind the hole.
    files.ftruncate(file, position);
  }

  @Override
  public void finish(Metadata metadata) throws IOException {
    // In this order: a change of owner takes away setuid bits and capabilities.
    files.fchownat(file, "", metadata.uid(), metadata.gid(), FileFlags.AT_EMPTY_PATH);
    files.fchmod(file, metadata.permissions());
    for (Map.Entry<String, byte[]> attribute : metadata.attributes().entrySet()) {
      LayerAttributes.set(files, file, "", attribute.getKey(), attribute.getValue());
    }
    FileTime modified = new FileTime(metadata.modified().seconds(), metadata.modified().nanos());
    files.utimensat(file, "", modified, modified, FileFlags.AT_EMPTY_PATH);
  }

  @Override
  public void close() {
    file.close();
  }
}
