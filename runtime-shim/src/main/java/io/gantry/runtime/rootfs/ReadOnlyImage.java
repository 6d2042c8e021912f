package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The layers of an image as one read-only mount that nothing is mounted on yet: a descriptor holds
 * it. It is put together in a mount namespace of a thread that ends with the work, so that the host
 * never sees anything half-made.
 */
public final class ReadOnlyImage implements Callable<Fd> {
  private static final int CLONE_FS = 0x200;

  private final Linux linux;
  private final MountTrees trees;
  private final List<Path> layers;
  private final String path;
  private final Path place;
  private final Optional<Fd> users;

  private ReadOnlyImage(
      Linux linux, List<Path> layers, String path, Path place, Optional<Fd> users) {
    this.linux = linux;
    this.trees = new MountTrees(linux);
    this.layers = List.copyOf(layers);
    this.path = path;
    this.place = place;
    this.users = users;
  }

  /**
   * Mounts an image, or what is at a path in it.
   *
   * @param layers directories of the layers, the top one first
   * @param path inside the image; links are followed as by a program that has the image as its root
   * @param place an existing directory, used only in the thread's mount namespace
   * @param users the user namespace by whose mapping files are shown
   * @return a detached mount, the caller's to close
   * @throws LinuxException ENOENT and the like, if the path does not lead to anything in the image
   * @throws IOException if something cannot be mounted
   */
  public static Fd mount(
      Linux linux, List<Path> layers, String path, Path place, Optional<Fd> users)
      throws IOException {
    ReadOnlyImage image = new ReadOnlyImage(linux, layers, path, place, users);
    return linux.namespaces().visit(Set.of(), image);
  }

  /** Puts a detached mount onto an existing file or directory of the host. */
  public static void attach(Linux linux, Fd tree, Path target) throws IOException {
    try (Fd found =
        linux.files().open(Fd.CWD, target.toString(), FileFlags.O_PATH | FileFlags.O_NOFOLLOW, 0)) {
      new MountTrees(linux).attach(tree, found);
    }
  }

  @Override
  public Fd call() throws IOException {
    linux.namespaces().unshare(CLONE_FS | NamespaceKind.MOUNT.cloneFlag());
    // Nothing made here may appear on the host, and what is handed out belongs to no peer group.
    linux.mounts().mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
    try (Fd root = mountAll()) {
      return find(root);
    }
  }

  private Fd find(Fd root) throws LinuxException {
    try (Fd found = new RootDirectory(linux.files(), root).open(path)) {
      Fd tree = trees.copy(found, "", false);
      trees.change(tree, MountFlags.MOUNT_ATTR_RDONLY, 0, false);
      return tree;
    }
  }

  private Fd mountAll() throws IOException {
    RootfsMount mount;
    if (layers.isEmpty()) {
      mount = new RootfsMount("tmpfs", "tmpfs", List.of("mode=755", "size=4k"));
    } else if (layers.size() == 1) {
      // An overlay takes at least two layers when none of them can be written.
      mount = new RootfsMount("bind", layers.get(0).toString(), List.of("bind"));
    } else {
      StringBuilder lower = new StringBuilder("lowerdir=");
      for (Path layer : layers) {
        lower.append(lower.length() == "lowerdir=".length() ? "" : ":").append(layer);
      }
      mount = new RootfsMount("overlay", "overlay", List.of(lower.toString()));
    }
    List<RootfsMount> mounts = new ArrayList<>(List.of(mount));
    if (users.isPresent()) {
      cover();
    }
    return new RootfsStack(linux, trees, IdMaps.none(linux)).mount(mounts, place.toString(), null);
  }

  private void cover() throws IOException {
    for (Path layer : layers) {
      MappedLayers.cover(linux, trees, layer.toString(), users.get());
    }
  }
}
