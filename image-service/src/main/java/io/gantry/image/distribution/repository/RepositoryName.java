package io.gantry.image.distribution.repository;

import io.gantry.image.reference.InvalidReferenceException;
import java.util.regex.Pattern;

/**
 * A repository's name within the registry, such as {@code library/busybox} (OCI distribution
 * specification, "Pulling manifests"). Always well-formed, and so a relative path that stays below
 * its root; no part of it begins with anything but a letter or digit.
 */
public record RepositoryName(String text) implements Comparable<RepositoryName> {

  /** What docker and others allow for host and name together. */
  private static final int LENGTH_LIMIT = 255;

  // Possessive repeats: no back-tracking, so the time to refuse is linear in the input's length.
  private static final String PART = "[a-z0-9]++(?:(?:\\.|_{1,2}|-++)[a-z0-9]++)*+";
  private static final Pattern NAME = Pattern.compile(PART + "(?:/" + PART + ")*+");

  public RepositoryName {
    if (text.length() > LENGTH_LIMIT || !NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("not a repository's name");
    }
  }

  /**
   * @throws InvalidReferenceException if it does not follow the grammar
   */
  public static RepositoryName parse(String text) throws InvalidReferenceException {
    if (text.length() > LENGTH_LIMIT) {
      throw new InvalidReferenceException(
          "repository", text.substring(0, 40) + "…", "it is longer than " + LENGTH_LIMIT);
    }
    if (!NAME.matcher(text).matches()) {
      throw new InvalidReferenceException(
          "repository",
          text,
          "each part must be a-z and 0-9 in groups, with one '.', one or two '_', or any number of '-' between them");
    }
    return new RepositoryName(text);
  }

  @Override
  public int compareTo(RepositoryName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
