package io.gantry.image.manifest;

import io.gantry.image.failure.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Manifests and configurations with pieces exchanged: parsed, or refused in words. */
class DocumentPropertyTest {

  private static final String DIGEST = "\"sha256:" + "0123456789abcdef".repeat(4) + "\"";
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "null",
          "1",
          "-1",
          "9e99",
          "9223372036854775808",
          "true",
          "\"\"",
          "\"size\"",
          "\"digest\"",
          "\"mediaType\"",
          "\"layers\"",
          "\"config\"",
          "\"manifests\"",
          "\"platform\"",
          "\"rootfs\"",
          "\"diff_ids\"",
          "\"schemaVersion\"",
          "\"fsLayers\"",
          DIGEST,
          "\"application/vnd.oci.image.layer.v1.tar+gzip\"",
          "\"\\u0000\"");
  private static final List<String> MANIFEST =
      List.of(
          "{",
          "\"schemaVersion\"",
          ":",
          "2",
          ",",
          "\"config\"",
          ":",
          "{",
          "\"mediaType\"",
          ":",
          "\"application/vnd.oci.image.config.v1+json\"",
          ",",
          "\"digest\"",
          ":",
          DIGEST,
          ",",
          "\"size\"",
          ":",
          "7",
          "}",
          ",",
          "\"layers\"",
          ":",
          "[",
          "{",
          "\"mediaType\"",
          ":",
          "\"application/vnd.oci.image.layer.v1.tar\"",
          ",",
          "\"digest\"",
          ":",
          DIGEST,
          ",",
          "\"size\"",
          ":",
          "9",
          "}",
          "]",
          "}");
  private static final List<String> CONFIG =
      List.of(
          "{",
          "\"architecture\"",
          ":",
          "\"amd64\"",
          ",",
          "\"os\"",
          ":",
          "\"linux\"",
          ",",
          "\"config\"",
          ":",
          "{",
          "\"Env\"",
          ":",
          "[",
          "\"A=b\"",
          "]",
          ",",
          "\"Labels\"",
          ":",
          "{",
          "\"a\"",
          ":",
          "\"b\"",
          "}",
          "}",
          ",",
          "\"rootfs\"",
          ":",
          "{",
          "\"type\"",
          ":",
          "\"layers\"",
          ",",
          "\"diff_ids\"",
          ":",
          "[",
          DIGEST,
          "]",
          "}",
          "}");

  @Property
  void manifests_areParsedOrRefused(@ForAll("manifests") byte[] json) {
    for (String type : List.of("", MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_INDEX)) {
      try {
        ManifestParser.parse("m", json, type);
      } catch (ImageException refused) {
        continue;
      }
    }
  }

  @Property
  void configurations_areParsedOrRefused(@ForAll("configurations") byte[] json) {
    try {
      ImageDocument.parse("c", json);
    } catch (ImageException refused) {
      return;
    }
  }

  @Provide
  Arbitrary<byte[]> manifests() {
    return changed(MANIFEST);
  }

  @Provide
  Arbitrary<byte[]> configurations() {
    return changed(CONFIG);
  }

  private static Arbitrary<byte[]> changed(List<String> whole) {
    return Arbitraries.integers()
        .between(0, whole.size() - 1)
        .flatMap(at -> Arbitraries.of(PIECES).map(piece -> Tuple.of(at, piece)))
        .list()
        .ofMaxSize(4)
        .map(
            changes -> {
              String[] pieces = whole.toArray(String[]::new);
              changes.forEach(change -> pieces[change.get1()] = change.get2());
              return String.join("", pieces).getBytes(StandardCharsets.UTF_8);
            });
  }
}
