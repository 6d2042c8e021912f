package io.gantry.runtime.linux;

/**
 * A resource limit of prlimit(2); both numbers are unsigned, and {@link #INFINITY} is no limit.
 *
 * @param soft what the kernel enforces
 * @param hard what the soft limit may be raised to
 */
public record ResourceLimit(long soft, long hard) {
  public static final long INFINITY = -1L;
}
