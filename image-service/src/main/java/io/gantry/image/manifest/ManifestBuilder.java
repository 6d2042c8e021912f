package io.gantry.image.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Writes OCI manifests and indexes; the same input makes the same bytes. */
public final class ManifestBuilder {

  private static final JsonMapper MAPPER = new JsonMapper();

  private ManifestBuilder() {}

  /** An image's manifest. */
  public static byte[] manifest(Descriptor config, List<Descriptor> layers) {
    ObjectNode manifest = MAPPER.createObjectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
    put(manifest.putObject("config"), config);
    ArrayNode array = manifest.putArray("layers");
    layers.forEach(layer -> put(array.addObject(), layer));
    return bytes(manifest);
  }

  /** An index of these manifests. */
  public static byte[] index(List<Descriptor> manifests) {
    ObjectNode index = MAPPER.createObjectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode array = index.putArray("manifests");
    manifests.forEach(manifest -> put(array.addObject(), manifest));
    return bytes(index);
  }

  private static void put(ObjectNode object, Descriptor descriptor) {
    object.put("mediaType", descriptor.mediaType());
    object.put("digest", descriptor.digest().toString());
    object.put("size", descriptor.sizeBytes());
    descriptor
        .platform()
        .ifPresent(
            platform -> {
              ObjectNode node = object.putObject("platform");
              node.put("architecture", platform.architecture());
              node.put("os", platform.os());
              if (!platform.variant().isEmpty()) {
                node.put("variant", platform.variant());
              }
            });
  }

  private static byte[] bytes(ObjectNode document) {
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }
}
