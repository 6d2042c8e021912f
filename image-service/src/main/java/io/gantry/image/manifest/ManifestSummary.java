package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a registry needs to know of a manifest or index, of images and of anything else that comes
 * in the form of one.
 *
 * @param blobs what the registry must hold, configuration first; layers that are to be had
 *     elsewhere are not among them
 * @param manifests what an index points to
 * @param subject the manifest that this one is about
 * @param artifactType what sort of thing it is; a manifest without one has its configuration's type
 */
public record ManifestSummary(
    String mediaType,
    List<Descriptor> blobs,
    List<Descriptor> manifests,
    Optional<Digest> subject,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  private static final int ENTRY_LIMIT = 10_000;

  public ManifestSummary {
    blobs = List.copyOf(blobs);
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  /**
   * Reads a document.
   *
   * @param what its name for messages
   * @param contentType what it is said to be, parameters allowed; "" if nothing is said
   * @throws ImageException UNSUPPORTED for formats other than OCI's and Docker's schema 2, CORRUPT
   *     for anything malformed or ambiguous
   */
  public static ManifestSummary parse(String what, byte[] bytes, String contentType)
      throws ImageException {
    String said = MediaTypes.withoutParameters(contentType);
    JsonNode root = Json.parse(what, bytes);
    String own = Json.text(what, root, "mediaType").orElse("");
    if (!own.isEmpty() && !said.isEmpty() && !own.equals(said)) {
      throw new ImageException(
          CORRUPT, what + " was sent as \"" + said + "\" but calls itself \"" + own + "\"");
    }
    String mediaType = said.isEmpty() ? own : said;
    // A document that reads both ways means different things to different readers (CVE-2021-41190).
    if (root.has("manifests") && (root.has("layers") || root.has("config"))) {
      throw new ImageException(CORRUPT, what + " is both an index and a manifest");
    }
    if (MediaTypes.isIndex(mediaType)) {
      return index(what, root, mediaType);
    }
    if (MediaTypes.isManifest(mediaType)) {
      return manifest(what, root, mediaType);
    }
    throw new ImageException(
        UNSUPPORTED, what + " is of type \"" + mediaType + "\", which is not known here");
  }

  private static ManifestSummary index(String what, JsonNode root, String mediaType)
      throws ImageException {
    return new ManifestSummary(
        mediaType,
        List.of(),
        descriptors(what, root, "manifests"),
        subject(what, root),
        Json.text(what, root, "artifactType").filter(type -> !type.isEmpty()),
        Json.map(what, root, "annotations"));
  }

  private static ManifestSummary manifest(String what, JsonNode root, String mediaType)
      throws ImageException {
    Descriptor config = descriptor(what + ", config", root.path("config"));
    List<Descriptor> blobs = new ArrayList<>(List.of(config));
    for (Descriptor layer : descriptors(what, root, "layers")) {
      if (!MediaTypes.isForeignLayer(layer.mediaType())) {
        blobs.add(layer);
      }
    }
    Optional<String> type = Json.text(what, root, "artifactType").filter(own -> !own.isEmpty());
    return new ManifestSummary(
        mediaType,
        blobs,
        List.of(),
        subject(what, root),
        type.isPresent() ? type : Optional.of(config.mediaType()),
        Json.map(what, root, "annotations"));
  }

  private static Optional<Digest> subject(String what, JsonNode root) throws ImageException {
    JsonNode subject = root.path("subject");
    return subject.isMissingNode() || subject.isNull()
        ? Optional.empty()
        : Optional.of(descriptor(what + ", subject", subject).digest());
  }

  private static List<Descriptor> descriptors(String what, JsonNode root, String field)
      throws ImageException {
    JsonNode array = root.path(field);
    if (!array.isArray() && !array.isMissingNode() && !array.isNull()) {
      throw new ImageException(CORRUPT, what + ": " + field + " is not an array");
    }
    if (array.size() > ENTRY_LIMIT) {
      throw new ImageException(
          CORRUPT, what + " has " + array.size() + " " + field + ", more than " + ENTRY_LIMIT);
    }
    List<Descriptor> all = new ArrayList<>();
    for (JsonNode node : array) {
      all.add(descriptor(what + ", " + field + "[" + all.size() + "]", node));
    }
    return all;
  }

  private static Descriptor descriptor(String what, JsonNode node) throws ImageException {
    String digest =
        Json.text(what, node, "digest")
            .orElseThrow(() -> new ImageException(CORRUPT, what + " has no digest"));
    JsonNode size = node.path("size");
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
      throw new ImageException(
          CORRUPT, what + " has no size, or one that is not a number of bytes");
    }
    try {
      return new Descriptor(
          Json.text(what, node, "mediaType").orElse(""),
          Digest.parse(digest),
          size.longValue(),
          Optional.empty());
    } catch (InvalidReferenceException e) {
      throw new ImageException(CORRUPT, what + ": " + e.getMessage(), e);
    }
  }
}
