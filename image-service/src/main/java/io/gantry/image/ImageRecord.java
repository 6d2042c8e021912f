package io.gantry.image;

import io.gantry.image.manifest.ImageConfig;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One image that is wholly here: every blob stored, every layer unpacked.
 *
 * @param id the digest of the configuration, which is the image's id everywhere in the CRI
 * @param repoTags {@code host/repository:tag}, sorted; empty if it was only pulled by digest or its
 *     tags have moved on
 * @param repoDigests {@code host/repository@digest} of what was pulled (the index for an image of
 *     many platforms), sorted
 * @param sizeBytes the size of its blobs as a registry holds them, at least 1
 * @param topChainId the chain of all layers; absent for an image without layers
 * @param configJson the configuration document, byte for byte
 * @param annotations what its manifest says of it
 * @param blobs everything in the content store that belongs to it: index, manifest, configuration,
 *     layers
 * @param pinned whether it must not be collected by the kubelet
 * @param pulledAt when it was last pulled
 */
public record ImageRecord(
    Digest id,
    List<String> repoTags,
    List<String> repoDigests,
    long sizeBytes,
    ImageConfig config,
    Optional<ChainId> topChainId,
    String configJson,
    Map<String, String> annotations,
    List<Digest> blobs,
    boolean pinned,
    Instant pulledAt) {

  public ImageRecord {
    Objects.requireNonNull(id);
    repoTags = List.copyOf(repoTags);
    repoDigests = List.copyOf(repoDigests);
    Objects.requireNonNull(config);
    Objects.requireNonNull(topChainId);
    Objects.requireNonNull(configJson);
    annotations = Map.copyOf(annotations);
    blobs = List.copyOf(blobs);
    Objects.requireNonNull(pulledAt);
    if (sizeBytes < 1) {
      throw new IllegalArgumentException(
          "image " + id + " cannot have a size of " + sizeBytes + " bytes");
    }
  }

  /** The same, pinned. */
  ImageRecord asPinned() {
    return new ImageRecord(
        id,
        repoTags,
        repoDigests,
        sizeBytes,
        config,
        topChainId,
        configJson,
        annotations,
        blobs,
        true,
        pulledAt);
  }
}
