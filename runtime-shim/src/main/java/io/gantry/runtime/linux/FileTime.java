package io.gantry.runtime.linux;

/**
 * A file's time stamp as the kernel keeps it.
 *
 * @param seconds since 1970-01-01T00:00:00Z, may be negative
 * @param nanos 0 to 999 999 999, or one of the two markers of utimensat(2) that {@link #OMIT} and
 *     {@link #NOW} hold
 */
public record FileTime(long seconds, int nanos) {
  private static final int UTIME_NOW = 0x3fffffff;
  private static final int UTIME_OMIT = 0x3ffffffe;

  /** Leaves the time stamp as it is. */
  public static final FileTime OMIT = new FileTime(0, UTIME_OMIT);

  /** Sets the time stamp to the current time. */
  public static final FileTime NOW = new FileTime(0, UTIME_NOW);

  public FileTime {
    if (nanos < 0 || nanos > 999_999_999 && nanos != UTIME_NOW && nanos != UTIME_OMIT) {
      throw new IllegalArgumentException("nanoseconds out of range: " + nanos);
    }
  }
}
