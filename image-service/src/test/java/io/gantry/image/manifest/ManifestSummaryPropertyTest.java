package io.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.gantry.image.failure.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a client sends as a manifest is either understood or refused in words. */
class ManifestSummaryPropertyTest {

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"config\"",
          "\"layers\"",
          "\"manifests\"",
          "\"subject\"",
          "\"digest\"",
          "\"size\"",
          "\"mediaType\"",
          "\"annotations\"",
          "\"artifactType\"",
          "\"sha256:" + "a".repeat(64) + "\"",
          "1",
          "-1",
          "1e400",
          "123456789012345678901234567890",
          "null",
          "true",
          "\"\"",
          "\u0000",
          "\ud800");

  @Provide
  Arbitrary<byte[]> documents() {
    return Arbitraries.oneOf(
        Arbitraries.of(PIECES)
            .list()
            .ofMaxSize(40)
            .map(pieces -> String.join("", pieces).getBytes(StandardCharsets.UTF_8)),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(100));
  }

  @Property(tries = 3000)
  void anything_isUnderstoodOrRefused(@ForAll("documents") byte[] document) {
    for (String type : List.of(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX, "")) {
      try {
        assertNotNull(ManifestSummary.parse("the manifest", document, type));
      } catch (ImageException refused) {
        assertNotNull(refused.getMessage());
      }
    }
  }
}
