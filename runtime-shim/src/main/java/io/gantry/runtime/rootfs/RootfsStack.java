package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NativeText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes the root filesystem itself appear at a directory of the thread's mount namespace. */
final class RootfsStack {
  /** mount(2) takes one page of options with its closing zero. */
  private static final int PAGE = 4096;

  private final Linux linux;
  private final MountTrees trees;
  private final IdMaps maps;

  RootfsStack(Linux linux, MountTrees trees, IdMaps maps) {
    this.maps = maps;
    this.linux = linux;
    this.trees = trees;
  }

  /** Mounts all in order at the same directory, and returns a descriptor of what is on top. */
  Fd mount(List<RootfsMount> mounts, String directory, String label) throws IOException {
    if (mounts.isEmpty()) {
      // pivot_root(2) wants the root to be a mount.
      try (Fd tree = trees.copy(Fd.CWD, directory, true);
          Fd target = open(directory)) {
        trees.attach(tree, target);
      }
    }
    for (RootfsMount mount : mounts) {
      try {
        mount(mount, directory, label);
      } catch (IOException | IllegalArgumentException e) {
        throw new IOException(
            "mount root filesystem " + mount.type() + " at " + directory + ": " + e.getMessage(),
            e);
      }
    }
    return open(directory);
  }

  private Fd open(String directory) throws LinuxException {
    return linux.files().open(Fd.CWD, directory, FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0);
  }

  private void mount(RootfsMount mount, String directory, String label) throws IOException {
    MappedLayers mapped = MappedLayers.of(mount.options());
    MountOptions options = MountOptions.parse(mapped.otherOptions());
    if (options.isBind() || mount.type().equals("bind")) {
      try (Fd tree = trees.copy(Fd.CWD, mount.source(), options.isRecursiveBind());
          Fd target = open(directory)) {
        if (mapped.isMapped()) {
          Fd users = maps.carrying(mapped.uids(), mapped.gids());
          IdMaps.map(trees, tree, users, false, mount.source());
        }
        trees.attach(tree, target);
        trees.change(tree, options.attributes(), options.clearedAttributes(), false);
      }
      return;
    }
    List<String> data = new ArrayList<>(options.data());
    if (label != null) {
      data.add("context=\"" + label + "\"");
    }
    long flags = MountTrees.mountFlags(options.attributes());
    if (mapped.isMapped()) {
      mapped.apply(linux, trees, maps);
    }
    String joined = String.join(",", data);
    if (NativeText.encode(joined).length < PAGE) {
      linux.mounts().mount(mount.source(), directory, mount.type(), flags, joined);
    } else {
      mountManyLayers(mount, directory, data, flags, label);
    }
  }

  /**
   * An overlay whose layers' paths do not fit a page: each is passed alone where the kernel can
   * (lowerdir+, 6.7), else by the short name of a descriptor.
   */
  private void mountManyLayers(
      RootfsMount mount, String directory, List<String> data, long flags, String label)
      throws LinuxException {
    String layers = null;
    List<String> others = new ArrayList<>();
    for (String option : data) {
      if (option.startsWith("lowerdir=")) {
        layers = option.substring("lowerdir=".length());
      } else if (!option.startsWith("context=")) {
        others.add(option);
      }
    }
    if (layers == null) {
      throw new LinuxException("mount options of " + mount.type(), Errno.E2BIG);
    }
    List<String> paths = split(layers);
    List<String> single = new ArrayList<>(others);
    for (String path : paths) {
      single.add("lowerdir+=" + path);
    }
    if (label != null) {
      single.add("context=" + label);
    }
    try (Fd tree = trees.create(mount.type(), mount.source(), 0, List.of(), single);
        Fd target = open(directory)) {
      trees.attach(tree, target);
      return;
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
    List<Fd> open = new ArrayList<>();
    try {
      StringBuilder names = new StringBuilder("lowerdir=");
      for (String path : paths) {
        open.add(open(path));
        names
            .append(names.length() == 9 ? "" : ":")
            .append(MountTrees.path(open.get(open.size() - 1)));
      }
      others.add(names.toString());
      if (label != null) {
        others.add("context=\"" + label + "\"");
      }
      linux
          .mounts()
          .mount(mount.source(), directory, mount.type(), flags, String.join(",", others));
    } finally {
      for (Fd fd : open) {
        fd.close();
      }
    }
  }

  /** Overlay separates by colons and takes a backslash before a colon that belongs to a name. */
  static List<String> split(String layers) {
    List<String> paths = new ArrayList<>();
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < layers.length(); i++) {
      char c = layers.charAt(i);
      if (c == '\\' && i + 1 < layers.length()) {
        path.append(layers.charAt(++i));
      } else if (c == ':') {
        paths.add(path.toString());
        path.setLength(0);
      } else {
        path.append(c);
      }
    }
    paths.add(path.toString());
    return paths;
  }
}
