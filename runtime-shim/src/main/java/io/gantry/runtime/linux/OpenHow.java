package io.gantry.runtime.linux;

/**
 * How {@code openat2(2)} opens a path.
 *
 * @param flags O_ flags of {@link FileFlags}; O_CLOEXEC is always added
 * @param mode permission bits of a file that O_CREAT or O_TMPFILE makes, else 0
 * @param resolve RESOLVE_ flags below: how far the walk may go
 */
public record OpenHow(int flags, int mode, int resolve) {
  /** Refuses to cross onto another mount. */
  public static final int RESOLVE_NO_XDEV = 0x01;

  /** Refuses links such as /proc/self/fd/3, which jump rather than name a path. */
  public static final int RESOLVE_NO_MAGICLINKS = 0x02;

  /** Refuses every symbolic link on the way. */
  public static final int RESOLVE_NO_SYMLINKS = 0x04;

  /** Fails with EXDEV where the path would leave the directory. */
  public static final int RESOLVE_BENEATH = 0x08;

  /** Takes the directory for the root: absolute links and {@code ..} stay inside. */
  public static final int RESOLVE_IN_ROOT = 0x10;

  /**
   * Opens {@code path} as a program chrooted into the directory would, so that no link leads out of
   * it.
   */
  public static OpenHow inRoot(int flags) {
    return new OpenHow(flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }

  /**
   * As {@link #inRoot(int)}, creating a missing file with {@code mode} if the flags have O_CREAT.
   */
  public static OpenHow inRoot(int flags, int mode) {
    return new OpenHow(flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }
}
