package io.gantry.image;

/**
 * How much is done at a time.
 *
 * @param downloadsPerImage layers of one image that are downloaded at a time
 * @param connections that download layers at a time, of all images together: one for each layer
 *     under way, and more for large ones while there are any to spare
 * @param unpacksPerImage layers of one image that are unpacked at a time
 */
public record Parallelism(int downloadsPerImage, int connections, int unpacksPerImage) {

  public Parallelism {
    if (downloadsPerImage < 1 || connections < 1 || unpacksPerImage < 1) {
      throw new IllegalArgumentException(
          "images cannot be pulled with "
              + downloadsPerImage
              + " downloads each, "
              + connections
              + " connections in all and "
              + unpacksPerImage
              + " layers unpacked at a time");
    }
  }
}
