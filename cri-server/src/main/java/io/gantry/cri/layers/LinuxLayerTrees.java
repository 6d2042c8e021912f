package io.gantry.cri.layers;

import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import java.io.IOException;
import java.nio.file.Path;

/** Layers' directories on the running kernel. Thread-safe. */
public final class LinuxLayerTrees implements LayerTrees {

  private final Files files;

  public LinuxLayerTrees(Files files) {
    this.files = files;
  }

  @Override
  public LayerTree open(Path directory) throws IOException {
    int flags = FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW;
    return new LinuxLayerTree(files, files.open(Fd.CWD, directory.toString(), flags, 0));
  }

  @Override
  public void delete(Path directory) throws IOException {
    Path name = directory.getFileName();
    Path parent = directory.toAbsolutePath().getParent();
    if (name == null || parent == null) {
      throw new IOException("the root of a file system cannot be deleted: " + directory);
    }
    try (Fd holder =
        files.open(Fd.CWD, parent.toString(), FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0)) {
      new TreeDeletion(files).delete(holder, name.toString());
    }
  }

  @Override
  public DiskUsage usage(Path directory) throws IOException {
    return TreeUsage.of(files, directory);
  }
}
