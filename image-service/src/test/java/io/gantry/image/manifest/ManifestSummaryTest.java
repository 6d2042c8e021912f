package io.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestSummaryTest {

  private static final Digest A = Digest.sha256(new byte[] {1});
  private static final Digest B = Digest.sha256(new byte[] {2});

  private static String descriptor(String mediaType, Digest digest) {
    return "{\"mediaType\":\""
        + mediaType
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":7,\"x\":{}}";
  }

  private static ManifestSummary parse(String json, String contentType) throws ImageException {
    return ManifestSummary.parse(
        "the manifest", json.getBytes(StandardCharsets.UTF_8), contentType);
  }

  private static String refusal(String json) {
    ImageException refused =
        assertThrows(ImageException.class, () -> parse(json, MediaTypes.OCI_MANIFEST), json);
    return refused.getMessage();
  }

  @Test
  void manifest_needsItsBlobsButThoseOfElsewhere() throws ImageException {
    ManifestSummary summary =
        parse(
            "{\"config\":"
                + descriptor("application/config", A)
                + ",\"layers\":["
                + descriptor("application/vnd.oci.image.layer.v1.tar", B)
                + ","
                + descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar", A)
                + "],\"annotations\":{\"k\":\"v\"},\"other\":[{\"deep\":[1]}]}",
            MediaTypes.OCI_MANIFEST + "; charset=utf-8");

    assertEquals(List.of(A, B), summary.blobs().stream().map(Descriptor::digest).toList());
    assertEquals(Optional.of("application/config"), summary.artifactType());
    assertEquals(Map.of("k", "v"), summary.annotations());
    assertEquals(MediaTypes.OCI_MANIFEST, summary.mediaType());
  }

  @Test
  void index_needsItsManifests() throws ImageException {
    ManifestSummary summary =
        parse(
            "{\"mediaType\":\""
                + MediaTypes.OCI_INDEX
                + "\",\"artifactType\":\"a/b\",\"manifests\":["
                + descriptor(MediaTypes.OCI_MANIFEST, B)
                + "],\"subject\":"
                + descriptor(MediaTypes.OCI_MANIFEST, A)
                + "}",
            "");

    assertEquals(List.of(B), summary.manifests().stream().map(Descriptor::digest).toList());
    assertEquals(Optional.of(A), summary.subject());
    assertEquals(Optional.of("a/b"), summary.artifactType());
  }

  @Test
  void ambiguousOrMalformed_isRefusedWithTheReason() {
    String config = "\"config\":" + descriptor("c", A);
    assertTrue(refusal("{" + config + ",\"manifests\":[]}").contains("both an index and"));
    assertTrue(refusal("{" + config + "," + config + "}").contains("config is there twice"));
    assertTrue(refusal("{\"layers\":[]}").contains("no config"));
    assertTrue(refusal("{" + config + "} {}").contains("something follows"));
    assertTrue(refusal("[]").contains("not a JSON object"));
    assertTrue(refusal("{").contains("not JSON"));
    assertTrue(refusal("{" + config + ",\"layers\":{}}").contains("layers is not an array"));
    assertTrue(refusal("{" + config + ",\"layers\":[1]}").contains("layers[0] is not an object"));
    assertTrue(refusal("{\"config\":{\"digest\":\"sha256:1\",\"size\":1}}").contains("config: "));
    assertTrue(refusal("{\"config\":{\"digest\":\"" + A + "\"}}").contains("no size"));
    assertTrue(
        refusal("{\"config\":{\"digest\":\"" + A + "\",\"size\":-1}}").contains("config.size"));
    assertTrue(refusal("{" + config + ",\"annotations\":{\"a\":1}}").contains("annotation"));
    assertTrue(refusal("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}").contains("not JSON"));
    assertTrue(
        refusal("{\"mediaType\":\"" + MediaTypes.DOCKER_MANIFEST + "\"," + config + "}")
            .contains("calls itself"));
  }

  @Test
  void otherFormats_areNotKnown() {
    ImageException refused =
        assertThrows(
            ImageException.class,
            () -> parse("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"));

    assertEquals(ImageException.Kind.UNSUPPORTED, refused.kind());
  }
}
