package io.gantry.image.dockerfile;

import java.util.Objects;

/**
 * One argument as it is written, with its quotes and variables.
 *
 * @param place where it begins
 */
public record Word(String raw, Place place) {
  public Word {
    Objects.requireNonNull(raw);
    Objects.requireNonNull(place);
  }
}
