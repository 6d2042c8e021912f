package io.gantry.image;

import io.gantry.image.manifest.Descriptor;
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
 * @param pulledAt when it was last pulled, or made
 * @param origin where its names come from and how it came to be
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
    Instant pulledAt,
    Origin origin) {

  /**
   * What is known of an image beside its content.
   *
   * @param target what its names stand for: its manifest, or an index that leads to it; records of
   *     older daemons say nothing
   * @param taggedAt when it was last given a name otherwise than by a pull
   * @param parent the image that it was built or committed from here
   */
  public record Origin(
      Optional<Descriptor> target, Optional<Instant> taggedAt, Optional<Digest> parent) {

    /** Nothing is known. */
    public static final Origin UNKNOWN =
        new Origin(Optional.empty(), Optional.empty(), Optional.empty());

    public Origin {
      Objects.requireNonNull(target);
      Objects.requireNonNull(taggedAt);
      Objects.requireNonNull(parent);
    }

    /** One that came as that document. */
    public static Origin of(Descriptor target) {
      return new Origin(Optional.of(target), Optional.empty(), Optional.empty());
    }
  }

  /** An image of which no more is known. */
  public ImageRecord(
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
    this(
        id,
        repoTags,
        repoDigests,
        sizeBytes,
        config,
        topChainId,
        configJson,
        annotations,
        blobs,
        pinned,
        pulledAt,
        Origin.UNKNOWN);
  }

  /** The same image under these names. */
  ImageRecord named(List<String> tags, List<String> digests, Origin newOrigin) {
    return new ImageRecord(
        id,
        tags,
        digests,
        sizeBytes,
        config,
        topChainId,
        configJson,
        annotations,
        blobs,
        pinned,
        pulledAt,
        newOrigin);
  }

  /** When it last got a name. */
  Instant namedAt() {
    return origin.taggedAt().filter(tagged -> tagged.isAfter(pulledAt)).orElse(pulledAt);
  }

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
    Objects.requireNonNull(origin);
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
        pulledAt,
        origin);
  }
}
