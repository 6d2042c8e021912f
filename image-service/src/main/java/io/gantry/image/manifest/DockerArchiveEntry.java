package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One image in the {@code manifest.json} of an archive as {@code docker save} writes it.
 *
 * @param config the path of its configuration in the archive
 * @param layers the paths of its layers' archives, bottom first
 */
public record DockerArchiveEntry(String config, List<String> repoTags, List<String> layers) {

  private static final int ENTRY_LIMIT = 10_000;

  public DockerArchiveEntry {
    Objects.requireNonNull(config);
    repoTags = List.copyOf(repoTags);
    layers = List.copyOf(layers);
  }

  /**
   * @throws ImageException CORRUPT if it is malformed
   */
  public static List<DockerArchiveEntry> parse(byte[] bytes) throws ImageException {
    JsonNode root = Json.parseArray("manifest.json", bytes);
    if (root.size() > ENTRY_LIMIT) {
      throw new ImageException(CORRUPT, "manifest.json names too many images: " + root.size());
    }
    List<DockerArchiveEntry> entries = new ArrayList<>();
    for (JsonNode node : root) {
      String what = "manifest.json, [" + entries.size() + "]";
      String config =
          Json.text(what, node, "Config")
              .orElseThrow(() -> new ImageException(CORRUPT, what + " has no Config"));
      entries.add(
          new DockerArchiveEntry(
              config, Json.texts(what, node, "RepoTags"), Json.texts(what, node, "Layers")));
    }
    return entries;
  }
}
