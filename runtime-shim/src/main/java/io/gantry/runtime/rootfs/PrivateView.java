package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The file system of a container that does not run, as it would see it: mounted in a mount
 * namespace of a thread that ends with the work. So neither a crash nor anything else leaves a
 * mount behind, and nobody else sees one.
 */
public final class PrivateView<T> implements Callable<T> {
  private static final int CLONE_FS = 0x200;

  private final Linux linux;
  private final MountTrees trees;
  private final List<RootfsMount> root;
  private final List<Bind> binds;
  private final Path place;
  private final Callable<T> work;

  /** A directory or file of the host that is seen in the container. */
  public record Bind(String containerPath, Path hostPath, boolean readOnly) {
    public Bind {
      Objects.requireNonNull(containerPath);
      Objects.requireNonNull(hostPath);
    }
  }

  private PrivateView(
      Linux linux, List<RootfsMount> root, List<Bind> binds, Path place, Callable<T> work) {
    this.linux = linux;
    this.trees = new MountTrees(linux);
    this.root = List.copyOf(root);
    this.binds = List.copyOf(binds);
    this.place = place;
    this.work = work;
  }

  /**
   * Does something while the file system is mounted.
   *
   * @param place an existing directory, at which the work finds the file system, and nobody else
   * @param work runs on a thread of its own, which an interrupt of the caller reaches
   * @throws IOException if something cannot be mounted, or what the work throws
   */
  public static <T> T visit(
      Linux linux, List<RootfsMount> root, List<Bind> binds, Path place, Callable<T> work)
      throws IOException {
    return linux.namespaces().visit(Set.of(), new PrivateView<>(linux, root, binds, place, work));
  }

  @Override
  public T call() throws Exception {
    linux.namespaces().unshare(CLONE_FS | NamespaceKind.MOUNT.cloneFlag());
    linux.mounts().mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
    try (Fd top =
        new RootfsStack(linux, trees, IdMaps.none(linux)).mount(root, place.toString(), null)) {
      try {
        bindAll(new RootDirectory(linux.files(), top));
        return work.call();
      } finally {
        // Before the thread's end: what follows may mount the same layer at once.
        linux.mounts().unmount(place.toString(), MountFlags.MNT_DETACH);
      }
    }
  }

  private void bindAll(RootDirectory inside) throws IOException {
    List<Bind> outerFirst = new ArrayList<>(binds);
    outerFirst.sort(Comparator.comparingInt(bind -> Path.of(bind.containerPath()).getNameCount()));
    for (Bind bind : outerFirst) {
      bind(inside, bind);
    }
  }

  private void bind(RootDirectory inside, Bind bind) throws IOException {
    String words = "see " + bind.hostPath() + " at " + bind.containerPath();
    try (Fd tree = trees.copy(Fd.CWD, bind.hostPath().toString(), true)) {
      FileStatus status = linux.files().stat(tree);
      try (Fd target =
          status.isDirectory()
              ? inside.makeDirectories(bind.containerPath(), 0755)
              : inside.makeFile(bind.containerPath())) {
        trees.attach(tree, target);
      }
      if (bind.readOnly()) {
        trees.change(tree, MountFlags.MOUNT_ATTR_RDONLY, 0, true);
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new IOException(words + ": it does not exist", e);
      }
      throw new IOException(words + ": " + e.getMessage(), e);
    }
  }
}
