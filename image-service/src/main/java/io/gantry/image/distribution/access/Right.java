package io.gantry.image.distribution.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may do in a repository. None includes another. */
public enum Right {
  PULL,
  PUSH,
  DELETE;

  /** By the word that rules use. */
  static Optional<Right> of(String word) {
    return Arrays.stream(values()).filter(right -> right.toString().equals(word)).findFirst();
  }

  /** The word that rules use. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
