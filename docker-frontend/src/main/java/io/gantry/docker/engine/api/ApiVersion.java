package io.gantry.docker.engine.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of the Engine API: {@code major.minor}. */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /** The oldest that is spoken. */
  public static final ApiVersion OLDEST = new ApiVersion(1, 24);

  /** The newest that is spoken: what a request without a version gets. */
  public static final ApiVersion NEWEST = new ApiVersion(1, 56);

  private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  /** The version that a text such as {@code 1.41} names; empty if it is none. */
  public static Optional<ApiVersion> parse(String text) {
    Matcher match = FORM.matcher(text);
    return match.matches()
        ? Optional.of(
            new ApiVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))))
        : Optional.empty();
  }

  /** Whether this is version {@code 1.minor} or newer. */
  public boolean isAtLeast(int minor) {
    return compareTo(new ApiVersion(1, minor)) >= 0;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
