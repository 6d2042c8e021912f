package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The {@code index.json} of an OCI image layout (OCI image specification, image-layout.md). */
public record LayoutIndex(List<Entry> entries) {

  /** The full name of an image, by containerd's custom, which Docker follows. */
  public static final String IMAGE_NAME = "io.containerd.image.name";

  /** The name of an image within the layout. */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  private static final int ENTRY_LIMIT = 10_000;

  /** One image, with what is said of it. */
  public record Entry(Descriptor target, Map<String, String> annotations) {
    public Entry {
      Objects.requireNonNull(target);
      annotations = Map.copyOf(annotations);
    }
  }

  public LayoutIndex {
    entries = List.copyOf(entries);
  }

  /**
   * @throws ImageException CORRUPT if it is malformed
   */
  public static LayoutIndex parse(byte[] bytes) throws ImageException {
    JsonNode root = Json.parse("index.json", bytes);
    JsonNode manifests = root.path("manifests");
    if (!manifests.isArray() || manifests.size() > ENTRY_LIMIT) {
      throw new ImageException(CORRUPT, "index.json has no manifests, or too many");
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode node : manifests) {
      String what = "index.json, manifests[" + entries.size() + "]";
      entries.add(
          new Entry(ManifestParser.descriptor(what, node), Json.map(what, node, "annotations")));
    }
    return new LayoutIndex(entries);
  }
}
