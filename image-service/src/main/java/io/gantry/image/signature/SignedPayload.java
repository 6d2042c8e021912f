package io.gantry.image.signature;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Json;

/**
 * What a signature is made over: "simple signing", as cosign has it (cosign's
 * specs/SIGNATURE_SPEC.md).
 *
 * @param digest of the manifest or index
 * @param name the image's name
 */
record SignedPayload(String digest, String name) {

  private static final String TYPE = "cosign container image signature";

  /**
   * @throws ImageException CORRUPT if it says anything else
   */
  static SignedPayload parse(String what, byte[] bytes) throws ImageException {
    JsonNode critical = Json.parse(what, bytes).path("critical");
    if (!Json.text(what, critical, "type").orElse("").equals(TYPE)) {
      throw new ImageException(
          ImageException.Kind.CORRUPT, what + " is of no type that is known for images");
    }
    return new SignedPayload(
        Json.text(what, critical.path("image"), "docker-manifest-digest").orElse(""),
        Json.text(what, critical.path("identity"), "docker-reference").orElse(""));
  }
}
