package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads indexes and manifests, OCI's and Docker's schema 2. */
public final class ManifestParser {

  /**
   * The most layers that overlayfs stacks (OVL_MAX_STACK in the kernel's fs/overlayfs/params.h).
   */
  private static final int LAYER_LIMIT = 500;

  private static final int ENTRY_LIMIT = 10_000;

  private ManifestParser() {}

  /**
   * Reads a document.
   *
   * @param what its name for messages
   * @param contentType what it was served as, or what its descriptor says, parameters allowed
   * @throws ImageException UNSUPPORTED for formats that gantry does not run, CORRUPT for anything
   *     malformed or ambiguous
   */
  public static Manifest parse(String what, byte[] bytes, String contentType)
      throws ImageException {
    String served = MediaTypes.withoutParameters(contentType);
    JsonNode root = Json.parse(what, bytes);
    String own = Json.text(what, root, "mediaType").orElse("");
    String mediaType = own.isEmpty() ? served : own;
    if (MediaTypes.isSchema1(mediaType) || root.path("schemaVersion").asInt() == 1) {
      throw new ImageException(
          UNSUPPORTED,
          what
              + " is in Docker's manifest schema 1, which gantry does not run; push the image again"
              + " with a newer client");
    }
    boolean known = MediaTypes.isIndex(served) || MediaTypes.isManifest(served);
    if (!own.isEmpty() && known && !own.equals(served)) {
      throw new ImageException(
          CORRUPT, what + " was served as " + served + " but calls itself " + own);
    }
    // A document that reads both ways means different images to different readers (CVE-2021-41190).
    if (root.has("manifests") && (root.has("layers") || root.has("config"))) {
      throw new ImageException(CORRUPT, what + " is both an index and a manifest");
    }
    if (MediaTypes.isIndex(mediaType)
        || root.has("manifests") && !MediaTypes.isManifest(mediaType)) {
      return new Manifest.Index(descriptors(what, root, "manifests", ENTRY_LIMIT));
    }
    if (MediaTypes.isManifest(mediaType) || root.has("config") && root.has("layers")) {
      return image(what, root);
    }
    throw new ImageException(
        UNSUPPORTED, what + " is neither an image nor an index but \"" + mediaType + "\"");
  }

  /**
   * What a document is: what it calls itself, else what it was served as, else what it looks like.
   *
   * @throws ImageException CORRUPT if it is malformed
   */
  public static String mediaType(String what, byte[] bytes, String contentType)
      throws ImageException {
    ManifestFields fields = ManifestFields.read(what, bytes);
    String served = MediaTypes.withoutParameters(contentType);
    boolean known = MediaTypes.isIndex(served) || MediaTypes.isManifest(served);
    String look = fields.manifests().isPresent() ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
    return fields.mediaType().filter(own -> !own.isEmpty()).orElse(known ? served : look);
  }

  private static Manifest.Image image(String what, JsonNode root) throws ImageException {
    Descriptor config = descriptor(what + ", config", root.path("config"));
    if (!config.mediaType().equals(MediaTypes.OCI_CONFIG)
        && !config.mediaType().equals(MediaTypes.DOCKER_CONFIG)) {
      throw new ImageException(
          UNSUPPORTED,
          what
              + " is an artifact of type \""
              + config.mediaType()
              + "\", not an image that can run");
    }
    List<Descriptor> layers = descriptors(what, root, "layers", LAYER_LIMIT);
    for (Descriptor layer : layers) {
      checkLayer(what, layer.mediaType());
    }
    return new Manifest.Image(config, layers, Json.map(what, root, "annotations"));
  }

  private static void checkLayer(String what, String mediaType) throws ImageException {
    if (MediaTypes.isForeignLayer(mediaType)) {
      throw new ImageException(
          UNSUPPORTED,
          what + " has a foreign layer (" + mediaType + "), which its registry does not hold");
    }
    if (MediaTypes.isEncryptedLayer(mediaType)) {
      throw new ImageException(UNSUPPORTED, what + " has an encrypted layer (" + mediaType + ")");
    }
    if (!MediaTypes.isLayer(mediaType)) {
      throw new ImageException(
          UNSUPPORTED,
          what + " has a layer of type \"" + mediaType + "\", which is no tar archive");
    }
  }

  private static List<Descriptor> descriptors(String what, JsonNode root, String field, int limit)
      throws ImageException {
    JsonNode array = root.path(field);
    if (!array.isArray() && !array.isMissingNode() && !array.isNull()) {
      throw new ImageException(CORRUPT, what + ": " + field + " is not an array");
    }
    if (array.size() > limit) {
      throw new ImageException(
          UNSUPPORTED,
          what
              + " has "
              + array.size()
              + " "
              + field
              + ", more than the "
              + limit
              + " that are possible");
    }
    List<Descriptor> descriptors = new ArrayList<>();
    for (JsonNode node : array) {
      descriptors.add(descriptor(what + ", " + field + "[" + descriptors.size() + "]", node));
    }
    return descriptors;
  }

  static Descriptor descriptor(String what, JsonNode node) throws ImageException {
    String mediaType = Json.text(what, node, "mediaType").orElse("");
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
          mediaType, Digest.parse(digest), size.longValue(), platform(what, node.path("platform")));
    } catch (InvalidReferenceException e) {
      throw new ImageException(CORRUPT, what + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Platform> platform(String what, JsonNode node) throws ImageException {
    if (!node.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new Platform(
            Json.text(what, node, "os").orElse(""),
            Json.text(what, node, "architecture").orElse(""),
            Json.text(what, node, "variant").orElse("")));
  }
}
