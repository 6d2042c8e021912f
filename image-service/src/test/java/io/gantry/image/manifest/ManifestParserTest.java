package io.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestParserTest {

  private static final String DIGEST = "sha256:" + "0".repeat(64);
  private static final String CONFIG = descriptor(MediaTypes.OCI_CONFIG, 7);

  private static String descriptor(String mediaType, Object size) {
    return "{\"mediaType\":\""
        + mediaType
        + "\",\"digest\":\""
        + DIGEST
        + "\",\"size\":"
        + size
        + "}";
  }

  private static Manifest parse(String json, String contentType) throws ImageException {
    return ManifestParser.parse("m", json.getBytes(StandardCharsets.UTF_8), contentType);
  }

  private static ImageException refused(String json, String contentType) {
    return assertThrows(ImageException.class, () -> parse(json, contentType));
  }

  private static String image(String layers) {
    return "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[" + layers + "]}";
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.gzip"
  })
  void parse_readsAnImage(String layer) throws Exception {
    Manifest.Image image =
        (Manifest.Image)
            parse(image(descriptor(layer, 12)), MediaTypes.OCI_MANIFEST + "; charset=utf-8");
    assertEquals(7, image.config().sizeBytes());
    assertEquals(12, image.layers().get(0).sizeBytes());
  }

  @Test
  void parse_readsAnnotationsOfAnImage() throws Exception {
    String json = image("").replace("{\"schema", "{\"annotations\":{\"a/b\":\"c\"},\"schema");
    Manifest.Image image = (Manifest.Image) parse(json, MediaTypes.OCI_MANIFEST);
    assertEquals(Map.of("a/b", "c"), image.annotations());

    assertEquals(
        Kind.CORRUPT, refused(json.replace("\"c\"", "[1]"), MediaTypes.OCI_MANIFEST).kind());
  }

  @Test
  void parse_readsAnIndexWithPlatforms() throws Exception {
    String entry =
        "{\"mediaType\":\""
            + MediaTypes.DOCKER_MANIFEST
            + "\",\"digest\":\""
            + DIGEST
            + "\",\"size\":5,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v6\"}}";
    Manifest.Index index =
        (Manifest.Index)
            parse("{\"schemaVersion\":2,\"manifests\":[" + entry + "]}", MediaTypes.DOCKER_INDEX);
    assertEquals("linux/arm/v6", index.entries().get(0).platform().orElseThrow().toString());
  }

  @Test
  void parse_refusesSchema1InWords() {
    ImageException e =
        refused(
            "{\"schemaVersion\":1,\"fsLayers\":[]}",
            "application/vnd.docker.distribution.manifest.v1+prettyjws");
    assertEquals(Kind.UNSUPPORTED, e.kind());
    assertTrue(e.getMessage().contains("schema 1"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        "application/wasm"
      })
  void parse_refusesLayersItCannotUnpack(String mediaType) {
    assertEquals(
        Kind.UNSUPPORTED, refused(image(descriptor(mediaType, 1)), MediaTypes.OCI_MANIFEST).kind());
  }

  @Test
  void parse_saysWhatIsWrongWithAForeignLayer() {
    String foreign =
        image(descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", 1));
    assertTrue(refused(foreign, MediaTypes.OCI_MANIFEST).getMessage().contains("foreign layer"));
  }

  @Test
  void parse_refusesADocumentThatReadsBothWays() {
    String both = "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[],\"manifests\":[]}";
    assertEquals(Kind.CORRUPT, refused(both, MediaTypes.OCI_MANIFEST).kind());
  }

  @Test
  void parse_refusesAnotherTypeThanItWasServedAs() {
    String own =
        "{\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"schemaVersion\":2,\"manifests\":[]}";
    assertEquals(Kind.CORRUPT, refused(own, MediaTypes.OCI_MANIFEST).kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{} {}", "null", "{\"layers\":3,\"config\":{}}", "\u0000"})
  void parse_refusesWhatIsMalformed(String json) {
    refused(json, MediaTypes.OCI_MANIFEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "\"1\"", "null", "99999999999999999999"})
  void parse_refusesSizesThatAreNone(String size) {
    assertEquals(
        Kind.CORRUPT,
        refused(
                image(descriptor("application/vnd.oci.image.layer.v1.tar", size)),
                MediaTypes.OCI_MANIFEST)
            .kind());
  }

  @Test
  void parse_refusesDeepNesting() {
    assertEquals(
        Kind.CORRUPT,
        refused("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}", MediaTypes.OCI_MANIFEST)
            .kind());
  }

  @Test
  void parse_refusesArtifactsInWords() {
    String artifact =
        "{\"schemaVersion\":2,\"config\":"
            + descriptor("application/vnd.oci.empty.v1+json", 2)
            + ",\"layers\":[]}";
    assertTrue(refused(artifact, MediaTypes.OCI_MANIFEST).getMessage().contains("artifact"));
  }
}
