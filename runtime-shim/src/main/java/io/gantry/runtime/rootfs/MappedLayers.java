package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciIdMapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A root filesystem whose ids are mapped, as the options {@code uidmap=INSIDE:OUTSIDE:COUNT} and
 * {@code gidmap=} of its mount ask for it; containerd's snapshotters use the same options.
 *
 * <p>An overlay cannot be mapped itself. Its lower layers can (kernel 5.19): each is covered, in
 * this thread's mount namespace alone, by a mapped copy of itself, so the mount's options stay as
 * they are. The upper layer is not mapped and holds the outside ids: its files are made by the
 * container's users, and work that overlayfs does in it as the host's root would not be
 * representable through a mapping.
 */
final class MappedLayers {
  private static final String UID_MAP = "uidmap=";
  private static final String GID_MAP = "gidmap=";
  private static final String LOWER = "lowerdir=";
  private static final String UPPER = "upperdir=";

  private final List<OciIdMapping> uids = new ArrayList<>();
  private final List<OciIdMapping> gids = new ArrayList<>();
  private final List<String> others = new ArrayList<>();
  private List<String> lower = List.of();
  private String upper;

  private MappedLayers() {}

  /**
   * Takes the mapping out of a mount's options.
   *
   * @throws IllegalArgumentException if a mapping is malformed, or only one of the two is there
   */
  static MappedLayers of(List<String> options) {
    MappedLayers mapped = new MappedLayers();
    for (String option : options) {
      if (option.startsWith(UID_MAP)) {
        mapped.uids.add(mapping(option, UID_MAP));
      } else if (option.startsWith(GID_MAP)) {
        mapped.gids.add(mapping(option, GID_MAP));
      } else {
        mapped.others.add(option);
        if (option.startsWith(LOWER)) {
          mapped.lower = RootfsStack.split(option.substring(LOWER.length()));
        } else if (option.startsWith(UPPER)) {
          mapped.upper = option.substring(UPPER.length());
        }
      }
    }
    if (mapped.uids.isEmpty() != mapped.gids.isEmpty()) {
      throw new IllegalArgumentException("uidmap and gidmap belong together");
    }
    return mapped;
  }

  private static OciIdMapping mapping(String option, String name) {
    String text = option.substring(name.length());
    int first = text.indexOf(':');
    int second = text.indexOf(':', first + 1);
    try {
      return new OciIdMapping(
          Long.parseLong(text.substring(0, first)),
          Long.parseLong(text.substring(first + 1, second)),
          Long.parseLong(text.substring(second + 1)));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new IllegalArgumentException(option + " is not " + name + "INSIDE:OUTSIDE:COUNT", e);
    }
  }

  boolean isMapped() {
    return !uids.isEmpty();
  }

  List<OciIdMapping> uids() {
    return uids;
  }

  List<OciIdMapping> gids() {
    return gids;
  }

  /** The options that are the filesystem's. */
  List<String> otherOptions() {
    return others;
  }

  /** Covers the lower layers by mapped copies, and has the root directory belong to its owner. */
  void apply(Linux linux, MountTrees trees, IdMaps maps) throws IOException {
    Fd users = maps.carrying(uids, gids);
    for (String layer : lower) {
      cover(linux, trees, layer, users);
    }
    if (upper != null && !lower.isEmpty()) {
      ownUpper(linux);
    }
  }

  /** Covers a layer by a copy of itself with the ids of a user namespace. */
  static void cover(Linux linux, MountTrees trees, String layer, Fd users) throws IOException {
    try (Fd tree = trees.copy(Fd.CWD, layer, false);
        Fd target =
            linux.files().open(Fd.CWD, layer, FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0)) {
      IdMaps.map(trees, tree, users, false, layer);
      trees.attach(tree, target);
    }
  }

  /**
   * The upper directory is what programs see as "/", so it has the owner that the top layer's root
   * has there. Reading him through the mapping makes this the same however often it is done.
   */
  private void ownUpper(Linux linux) throws LinuxException {
    FileStatus shown = linux.files().stat(Fd.CWD, lower.get(0), 0);
    linux.files().fchownat(Fd.CWD, upper, shown.uid(), shown.gid(), FileFlags.AT_SYMLINK_NOFOLLOW);
  }
}
