package io.gantry.docker.cli.image;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;

/** Platforms as people write them: {@code linux/arm64/v8}. */
final class Platforms {
  private Platforms() {}

  /** In the engine's form. */
  static Json json(String platform) {
    String[] words = platform.split("/");
    JsonObject object = new JsonObject();
    if (words.length == 1) {
      return object.put("os", "linux").put("architecture", words[0]).build();
    }
    object.put("os", words[0]).put("architecture", words[1]);
    if (words.length > 2) {
      object.put("variant", words[2]);
    }
    return object.build();
  }
}
