package io.gantry.runtime.launch;

/** Writes flag sets as their names, for printed plans. */
final class FlagNames {
  private static final String[] MOUNT = {
    "MS_RDONLY",
    "MS_NOSUID",
    "MS_NODEV",
    "MS_NOEXEC",
    "MS_SYNCHRONOUS",
    "MS_REMOUNT",
    "MS_MANDLOCK",
    "MS_DIRSYNC",
    "MS_NOSYMFOLLOW",
    null,
    "MS_NOATIME",
    "MS_NODIRATIME",
    "MS_BIND",
    "MS_MOVE",
    "MS_REC",
    "MS_SILENT",
    null,
    "MS_UNBINDABLE",
    "MS_PRIVATE",
    "MS_SLAVE",
    "MS_SHARED",
    "MS_RELATIME",
    null,
    "MS_I_VERSION",
    "MS_STRICTATIME",
    "MS_LAZYTIME",
  };

  private FlagNames() {}

  static String mount(long flags) {
    if (flags == 0) {
      return "0";
    }
    StringBuilder out = new StringBuilder();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((flags & 1L << bit) != 0) {
        out.append(out.length() == 0 ? "" : "|");
        boolean named = bit < MOUNT.length && MOUNT[bit] != null;
        out.append(named ? MOUNT[bit] : "0x" + Long.toHexString(1L << bit));
      }
    }
    return out.toString();
  }
}
