package io.gantry.runtime.rootfs;

import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_ATIME_MASK;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NOATIME;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NODEV;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NODIRATIME;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NOEXEC;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NOSUID;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_NOSYMFOLLOW;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_RELATIME;
import static io.gantry.runtime.linux.MountFlags.MOUNT_ATTR_STRICTATIME;
import static io.gantry.runtime.linux.MountFlags.MS_PRIVATE;
import static io.gantry.runtime.linux.MountFlags.MS_REC;
import static io.gantry.runtime.linux.MountFlags.MS_SHARED;
import static io.gantry.runtime.linux.MountFlags.MS_SLAVE;
import static io.gantry.runtime.linux.MountFlags.MS_UNBINDABLE;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of one mount, sorted by what they act on; see the table in the runtime-spec's
 * config.md.
 *
 * <p>A plain {@code rw}, {@code exec}, {@code dev} or {@code suid} undoes an earlier option of the
 * same list but not what the host's administrator set on the source of a bind: a container gets no
 * more than the host has.
 */
final class MountOptions {
  private boolean bind;
  private boolean recursive;
  private boolean recursiveMapping;
  private long set;
  private long clear;
  private long recursiveSet;
  private long recursiveClear;
  private final List<Long> propagation = new ArrayList<>();
  private final List<String> superblock = new ArrayList<>();
  private final List<String> data = new ArrayList<>();

  private MountOptions() {}

  /**
   * Sorts options.
   *
   * @throws IllegalArgumentException for one that gantry cannot honour
   */
  static MountOptions parse(List<String> options) {
    MountOptions parsed = new MountOptions();
    for (String option : options) {
      if (!parsed.structure(option)
          && !parsed.attribute(option)
          && !parsed.recursiveAttribute(option)) {
        parsed.data.add(option);
      }
    }
    return parsed;
  }

  private boolean structure(String option) {
    switch (option) {
      case "bind":
        bind = true;
        return true;
      case "rbind":
        bind = true;
        recursive = true;
        return true;
      case "shared":
        return propagate(MS_SHARED);
      case "rshared":
        return propagate(MS_SHARED | MS_REC);
      case "slave":
        return propagate(MS_SLAVE);
      case "rslave":
        return propagate(MS_SLAVE | MS_REC);
      case "private":
        return propagate(MS_PRIVATE);
      case "rprivate":
        return propagate(MS_PRIVATE | MS_REC);
      case "unbindable":
        return propagate(MS_UNBINDABLE);
      case "runbindable":
        return propagate(MS_UNBINDABLE | MS_REC);
      case "sync":
      case "dirsync":
      case "lazytime":
      case "mand":
        superblock.add(option);
        return true;
      case "async":
      case "nolazytime":
      case "nomand":
      case "defaults":
      case "loud":
      case "silent":
      case "iversion":
      case "noiversion":
        return true;
      case "idmap":
        return true; // Mappings say so by themselves.
      case "ridmap":
        recursiveMapping = true;
        return true;
      case "remount":
      case "tmpcopyup":
        throw new IllegalArgumentException("mount option " + option + " is not supported");
      default:
        return false;
    }
  }

  private boolean propagate(long flags) {
    propagation.add(flags);
    return true;
  }

  private boolean attribute(String option) {
    long flag = negative(option);
    if (flag != 0) {
      set |= flag;
      return true;
    }
    flag = positive(option);
    if (flag != 0) {
      set &= ~flag;
      return true;
    }
    switch (option) {
      case "noatime":
        return time(MOUNT_ATTR_NOATIME);
      case "strictatime":
        return time(MOUNT_ATTR_STRICTATIME);
      case "relatime":
        return time(MOUNT_ATTR_RELATIME);
      case "atime":
      case "norelatime":
      case "nostrictatime":
        return true;
      default:
        return false;
    }
  }

  /** The three atime modes are one field: it is cleared as a whole before a mode is set. */
  private boolean time(long mode) {
    set = set & ~MOUNT_ATTR_ATIME_MASK | mode;
    clear |= MOUNT_ATTR_ATIME_MASK;
    return true;
  }

  private boolean recursiveAttribute(String option) {
    if (option.length() < 2 || option.charAt(0) != 'r') {
      return false;
    }
    String plain = option.substring(1);
    long flag = negative(plain);
    if (flag != 0) {
      recursiveSet |= flag;
      recursiveClear &= ~flag;
      return true;
    }
    flag = positive(plain);
    if (flag != 0) {
      recursiveClear |= flag;
      recursiveSet &= ~flag;
      return true;
    }
    switch (plain) {
      case "noatime":
        return recursiveTime(MOUNT_ATTR_NOATIME);
      case "strictatime":
        return recursiveTime(MOUNT_ATTR_STRICTATIME);
      case "relatime":
      case "norelatime":
      case "nostrictatime":
      case "atime":
        return recursiveTime(MOUNT_ATTR_RELATIME);
      default:
        return false;
    }
  }

  private boolean recursiveTime(long mode) {
    recursiveSet = recursiveSet & ~MOUNT_ATTR_ATIME_MASK | mode;
    recursiveClear |= MOUNT_ATTR_ATIME_MASK;
    return true;
  }

  private static long negative(String option) {
    switch (option) {
      case "ro":
        return MOUNT_ATTR_RDONLY;
      case "nosuid":
        return MOUNT_ATTR_NOSUID;
      case "nodev":
        return MOUNT_ATTR_NODEV;
      case "noexec":
        return MOUNT_ATTR_NOEXEC;
      case "nodiratime":
        return MOUNT_ATTR_NODIRATIME;
      case "nosymfollow":
        return MOUNT_ATTR_NOSYMFOLLOW;
      default:
        return 0;
    }
  }

  private static long positive(String option) {
    switch (option) {
      case "rw":
        return MOUNT_ATTR_RDONLY;
      case "suid":
        return MOUNT_ATTR_NOSUID;
      case "dev":
        return MOUNT_ATTR_NODEV;
      case "exec":
        return MOUNT_ATTR_NOEXEC;
      case "diratime":
        return MOUNT_ATTR_NODIRATIME;
      case "symfollow":
        return MOUNT_ATTR_NOSYMFOLLOW;
      default:
        return 0;
    }
  }

  boolean isBind() {
    return bind;
  }

  boolean isRecursiveBind() {
    return recursive;
  }

  /** Whether the mount's id mappings count for the mounts below it, too. */
  boolean isRecursiveMapping() {
    return recursiveMapping;
  }

  boolean isReadOnly() {
    return (set & MOUNT_ATTR_RDONLY) != 0;
  }

  /** MOUNT_ATTR_ flags for the mount itself. */
  long attributes() {
    return set;
  }

  long clearedAttributes() {
    return clear;
  }

  /** MOUNT_ATTR_ flags for the mount and all below it. */
  long recursiveAttributes() {
    return recursiveSet;
  }

  long recursiveClearedAttributes() {
    return recursiveClear;
  }

  /** MS_ flags of mount(2), each a propagation type with or without MS_REC, in order. */
  List<Long> propagation() {
    return propagation;
  }

  boolean isShared() {
    for (long flags : propagation) {
      if ((flags & MS_SHARED) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Flags of the filesystem itself. */
  List<String> superblock() {
    return superblock;
  }

  /** The filesystem's own options. */
  List<String> data() {
    return data;
  }

  /** The propagation that linux.rootfsPropagation names. */
  static long rootPropagation(String name) {
    MountOptions parsed = new MountOptions();
    if (!parsed.structure(name) || parsed.propagation.isEmpty()) {
      throw new IllegalArgumentException(
          "linux.rootfsPropagation: \"" + name + "\" is not a propagation");
    }
    return parsed.propagation.get(0);
  }
}
