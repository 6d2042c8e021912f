package io.gantry.image.tree;

/**
 * A file's time.
 *
 * @param seconds since 1970-01-01T00:00:00Z, may be negative
 * @param nanos 0 to 999 999 999
 */
public record Timestamp(long seconds, int nanos) {
  public Timestamp {
    if (nanos < 0 || nanos > 999_999_999) {
      throw new IllegalArgumentException("nanoseconds out of range: " + nanos);
    }
  }
}
