package io.gantry.tests.bench;

import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import java.util.Arrays;
import java.util.Random;

/** An image such as applications have: some 55 MB at the registry, 190 MB and 9,000 files here. */
final class LargeImage {

  private static final int LAYERS = 5;
  private static final int FILES_PER_LAYER = 1800;
  private static final int FILES_PER_DIRECTORY = 30;
  private static final int MEAN_BYTES = 21_000;
  // What of a file does not shrink by compression.
  private static final double NOISE = 0.28;

  private LargeImage() {}

  /** The same each time. */
  static TestImage make() {
    Random random = new Random(17);
    TestImage image = TestImage.of(layer(0, random).gzipped());
    for (int i = 1; i < LAYERS; i++) {
      image = image.plus(layer(i, random).gzipped());
    }
    return image.command("/nothing");
  }

  private static LayerBuilder layer(int number, Random random) {
    LayerBuilder layer = new LayerBuilder();
    for (int i = 0; i < FILES_PER_LAYER; i++) {
      String directory = "usr/part-" + number + "/directory-" + i / FILES_PER_DIRECTORY;
      if (i % FILES_PER_DIRECTORY == 0) {
        layer.directory(directory, 0755);
      }
      // Many small ones, some large ones.
      int size =
          (int)
              Math.min(40L * MEAN_BYTES, (long) (-Math.log(1 - random.nextDouble()) * MEAN_BYTES));
      byte[] content = new byte[size];
      Arrays.fill(content, (byte) ('a' + i % 26));
      byte[] noise = new byte[(int) (size * NOISE)];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, content, 0, noise.length);
      layer.file(directory + "/file-" + i, 0644, content);
    }
    return layer;
  }
}
