package io.gantry.cri.layers;

import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Layers' directories on the running kernel. Thread-safe. */
public final class LinuxLayerTrees implements LayerTrees {

  private final Files files;
  private final Optional<LayerQuotas> quotas;

  public LinuxLayerTrees(Files files) {
    this(files, Optional.empty());
  }

  /**
   * @param quotas tells what layers take without walking them, if it can
   */
  public LinuxLayerTrees(Files files, Optional<LayerQuotas> quotas) {
    this.files = files;
    this.quotas = quotas;
  }

  @Override
  public LayerTree open(Path directory) throws IOException {
    int flags = FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW;
    return new LinuxLayerTree(files, files.open(Fd.CWD, directory.toString(), flags, 0));
  }

  /** The tree below a directory that is open; owns it from now on. */
  public LayerTree below(Fd directory) {
    return new LinuxLayerTree(files, directory);
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
    Optional<DiskUsage> counted = quotas.flatMap(known -> known.usage(directory));
    return counted.isPresent() ? counted.get() : TreeUsage.of(files, directory);
  }
}
