package io.gantry.image.dockerfile;

/**
 * Where something stands in a file.
 *
 * @param line counted from 1
 * @param column counted from 1
 */
public record Place(int line, int column) {

  /** So many characters further to the right. */
  Place plus(int characters) {
    return new Place(line, column + characters);
  }
}
