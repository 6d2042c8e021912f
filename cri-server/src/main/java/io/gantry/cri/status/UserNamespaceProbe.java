package io.gantry.cri.status;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.launch.UserNamespaces;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountAttributes;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out whether containers can have user namespaces here, by doing what one of them takes: a
 * user namespace is made, and an overlay is mounted above a layer with mapped ids. Kernel versions
 * alone would not tell: the filesystem that holds the layers counts, too.
 */
public final class UserNamespaceProbe {
  private static final int CLONE_FS = 0x200;

  /** Any ids but the host's own will do. */
  private static final List<IdRange> RANGES = List.of(new IdRange(0, 65536, 65536));

  private final Linux linux;
  private final UserNamespaces namespaces;

  public UserNamespaceProbe(Linux linux, Launcher launcher) {
    this.linux = linux;
    this.namespaces = new UserNamespaces(linux, launcher);
  }

  /**
   * Tries it in a directory of its own below {@code directory}, which is gone afterwards.
   *
   * @return why there can be none; empty if all went well
   */
  public Optional<String> problem(Path directory) {
    Path trial = null;
    try {
      Files.createDirectories(directory);
      trial = Files.createTempDirectory(directory, "user-namespace-");
      tryIn(trial);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    } finally {
      remove(trial);
    }
  }

  private void tryIn(Path trial) throws IOException {
    for (String name : List.of("lower", "upper", "work", "merged")) {
      Files.createDirectory(trial.resolve(name));
    }
    try (UserNamespaces.Made made = namespaces.create(RANGES, RANGES, Set.of());
        Fd users = made.take(NamespaceKind.USER)) {
      linux.namespaces().visit(Set.of(), () -> overlay(trial, users));
    }
  }

  /** On a thread of its own, whose mounts nobody else sees. */
  private Path overlay(Path trial, Fd users) throws IOException {
    linux.namespaces().unshare(CLONE_FS | NamespaceKind.MOUNT.cloneFlag());
    linux.mounts().mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_SLAVE, null);
    String lower = trial.resolve("lower").toString();
    try (Fd tree = linux.mounts().openTree(Fd.CWD, lower, MountFlags.OPEN_TREE_CLONE);
        Fd target = linux.files().open(Fd.CWD, lower, FileFlags.O_PATH, 0)) {
      var mapped = new MountAttributes(MountFlags.MOUNT_ATTR_IDMAP, 0, 0, users);
      linux.mounts().setAttributes(tree, "", FileFlags.AT_EMPTY_PATH, mapped);
      int both = MountFlags.MOVE_MOUNT_F_EMPTY_PATH | MountFlags.MOVE_MOUNT_T_EMPTY_PATH;
      linux.mounts().moveMount(tree, "", target, "", both);
    }
    Path merged = trial.resolve("merged");
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s"
            .formatted(lower, trial.resolve("upper"), trial.resolve("work"));
    linux.mounts().mount("overlay", merged.toString(), "overlay", 0, options);
    return merged;
  }

  /** Directories only; overlayfs leaves one in its work directory. */
  private static void remove(Path trial) {
    if (trial == null) {
      return;
    }
    try (var found = Files.walk(trial)) {
      for (Path path : found.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // An empty directory may stay; the next start makes another.
    }
  }
}
