package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
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

  public ManifestSummary {
    blobs = List.copyOf(blobs);
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  /**
   * Reads a document, in memory that is bounded by what is kept of it.
   *
   * @param what its name for messages
   * @param contentType what it is said to be, parameters allowed; "" if nothing is said
   * @throws ImageException UNSUPPORTED for formats other than OCI's and Docker's schema 2, CORRUPT
   *     for anything malformed or ambiguous
   */
  public static ManifestSummary parse(String what, byte[] bytes, String contentType)
      throws ImageException {
    ManifestFields fields = ManifestFields.read(what, bytes);
    String said = MediaTypes.withoutParameters(contentType);
    String own = fields.mediaType().orElse("");
    if (!own.isEmpty() && !said.isEmpty() && !own.equals(said)) {
      throw new ImageException(
          CORRUPT, what + " was sent as \"" + said + "\" but calls itself \"" + own + "\"");
    }
    String mediaType = said.isEmpty() ? own : said;
    // A document that reads both ways means different things to different readers (CVE-2021-41190).
    if (fields.manifests().isPresent()
        && (fields.layers().isPresent() || fields.config().isPresent())) {
      throw new ImageException(CORRUPT, what + " is both an index and a manifest");
    }
    if (MediaTypes.isIndex(mediaType)) {
      return new ManifestSummary(
          mediaType,
          List.of(),
          fields.manifests().orElse(List.of()),
          fields.subject().map(Descriptor::digest),
          fields.artifactType(),
          fields.annotations());
    }
    if (MediaTypes.isManifest(mediaType)) {
      return ofManifest(what, fields, mediaType);
    }
    throw new ImageException(
        UNSUPPORTED, what + " is of type \"" + mediaType + "\", which is not known here");
  }

  private static ManifestSummary ofManifest(String what, ManifestFields fields, String mediaType)
      throws ImageException {
    Descriptor config =
        fields.config().orElseThrow(() -> new ImageException(CORRUPT, what + " has no config"));
    List<Descriptor> blobs = new ArrayList<>(List.of(config));
    fields.layers().orElse(List.of()).stream()
        .filter(layer -> !MediaTypes.isForeignLayer(layer.mediaType()))
        .forEach(blobs::add);
    return new ManifestSummary(
        mediaType,
        blobs,
        List.of(),
        fields.subject().map(Descriptor::digest),
        fields.artifactType().or(() -> Optional.of(config.mediaType())),
        fields.annotations());
  }
}
