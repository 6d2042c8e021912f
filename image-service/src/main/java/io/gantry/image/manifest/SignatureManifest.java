package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A manifest whose layers are signed texts, as cosign stores them. */
public record SignatureManifest(List<Entry> entries) {

  /** The type of such layers. */
  public static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final int ENTRY_LIMIT = 64;

  /**
   * @param signature in base64
   */
  public record Entry(Descriptor payload, String signature) {
    public Entry {
      Objects.requireNonNull(payload);
      Objects.requireNonNull(signature);
    }
  }

  public SignatureManifest {
    entries = List.copyOf(entries);
  }

  /**
   * Layers of other types, and those without a signature, are passed over.
   *
   * @throws ImageException CORRUPT if it is malformed, or has more than 64 layers
   */
  public static SignatureManifest parse(String what, byte[] bytes) throws ImageException {
    JsonNode layers = Json.parse(what, bytes).path("layers");
    if (layers.size() > ENTRY_LIMIT) {
      throw new ImageException(
          CORRUPT, what + " has " + layers.size() + " layers, more than " + ENTRY_LIMIT);
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode layer : layers) {
      Descriptor payload = ManifestParser.descriptor(what, layer);
      Optional<String> signature = Json.text(what, layer.path("annotations"), SIGNATURE);
      if (payload.mediaType().equals(PAYLOAD_TYPE) && signature.isPresent()) {
        entries.add(new Entry(payload, signature.get()));
      }
    }
    return new SignatureManifest(entries);
  }
}
