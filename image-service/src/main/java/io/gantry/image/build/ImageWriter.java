package io.gantry.image.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.ImageRecord;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Makes images of drafts. Thread-safe. */
final class ImageWriter {
  private final ImageWorkshop workshop;
  private final Clock clock;

  ImageWriter(ImageWorkshop workshop, Clock clock) {
    this.workshop = workshop;
    this.clock = clock;
  }

  /**
   * Stores a draft as an image.
   *
   * @param tags {@code host/repository:tag}
   */
  ImageRecord add(Draft draft, List<String> tags, ImageWorkshop.Hold hold) throws IOException {
    byte[] config = draft.document();
    byte[] manifest = manifest(draft, config);
    Digest manifestDigest = Digest.sha256(manifest);
    hold.blob(draft.id());
    hold.blob(manifestDigest);
    workshop.content().write(draft.id(), config);
    workshop.content().write(manifestDigest, manifest);
    List<Digest> blobs = new ArrayList<>(List.of(manifestDigest, draft.id()));
    long size = config.length + manifest.length;
    for (CachedLayer layer : draft.layers()) {
      if (!blobs.contains(layer.blob())) {
        blobs.add(layer.blob());
        size += layer.sizeBytes();
      }
    }
    Descriptor target =
        new Descriptor(MediaTypes.OCI_MANIFEST, manifestDigest, manifest.length, Optional.empty());
    return workshop.add(record(draft, config, tags, blobs, size, ImageRecord.Origin.of(target)));
  }

  /** A draft as an image that is listed nowhere, for a step to run in. */
  ImageRecord passing(Draft draft) throws IOException {
    return record(draft, draft.document(), List.of(), List.of(), 1, ImageRecord.Origin.UNKNOWN);
  }

  private ImageRecord record(
      Draft draft,
      byte[] config,
      List<String> tags,
      List<Digest> blobs,
      long sizeBytes,
      ImageRecord.Origin origin)
      throws IOException {
    return new ImageRecord(
        draft.id(),
        List.copyOf(new TreeSet<>(tags)),
        List.of(),
        sizeBytes,
        ImageDocument.parse("the configuration of the built image", config).config(),
        draft.chain(),
        new String(config, StandardCharsets.UTF_8),
        Map.of(),
        blobs,
        false,
        clock.instant(),
        origin);
  }

  private static byte[] manifest(Draft draft, byte[] config) {
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
    descriptor(
        manifest.putObject("config"), MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
    ArrayNode layers = manifest.putArray("layers");
    for (CachedLayer layer : draft.layers()) {
      descriptor(layers.addObject(), layer.mediaType(), layer.blob(), layer.sizeBytes());
    }
    return manifest.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void descriptor(ObjectNode node, String mediaType, Digest digest, long size) {
    node.put("mediaType", mediaType);
    node.put("digest", digest.toString());
    node.put("size", size);
  }
}
