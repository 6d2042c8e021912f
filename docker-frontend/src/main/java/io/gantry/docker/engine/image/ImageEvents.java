package io.gantry.docker.engine.image;

import java.util.Map;

/** Told of what happens to images. */
@FunctionalInterface
public interface ImageEvents {
  /**
   * @param action such as {@code pull}
   * @param id of the image, or its name where that is what Docker tells
   */
  void tell(String action, String id, Map<String, String> attributes);
}
