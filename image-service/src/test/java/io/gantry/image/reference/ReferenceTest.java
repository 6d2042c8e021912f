package io.gantry.image.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {

  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox:latest",
    "busybox:1.36, docker.io/library/busybox:1.36",
    "team/app, docker.io/team/app:latest",
    "index.docker.io/busybox, docker.io/library/busybox:latest",
    "docker.io/team/app:v1, docker.io/team/app:v1",
    "localhost/app, localhost/app:latest",
    "localhost:5000/a/b/c:x, localhost:5000/a/b/c:x",
    "registry.k8s.io/pause:3.9, registry.k8s.io/pause:3.9",
    "[::1]:5000/app, [::1]:5000/app:latest",
    "[fd00::12]/app:t, [fd00::12]/app:t",
    "Host/app, Host/app:latest",
    "a.b/c__d/e.f-g---h:_x, a.b/c__d/e.f-g---h:_x",
  })
  void parse_fillsInDefaults(String text, String whole) throws Exception {
    assertEquals(whole, Reference.parse(text).toString());
  }

  @Test
  void parse_keepsTagAndDigest_andTheDigestDecides() throws Exception {
    Reference reference = Reference.parse("busybox:1@sha256:" + HEX);
    assertEquals(Optional.of("1"), reference.tag());
    assertEquals("sha256:" + HEX, reference.manifestName());
    assertEquals(Optional.empty(), reference.repoTag());
    assertEquals(
        "docker.io/library/busybox@sha256:" + HEX,
        reference.repoDigest(reference.digest().orElseThrow()));
  }

  @Test
  void parse_byDigestAlone_hasNoTag() throws Exception {
    assertEquals(Optional.empty(), Reference.parse("busybox@sha256:" + HEX).tag());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "a//b",
        "/a",
        "a/",
        "Busybox",
        "a/B",
        "a:",
        "a:-x",
        "a:.x",
        "a@",
        "a@sha256:",
        "a@sha256:ABC",
        "a@md5:" + "00",
        "a..b",
        "-a",
        "a-",
        "a___b",
        "localhost:0/a",
        "localhost:65536/a",
        "localhost:99999999999/a",
        "[::1/a",
        "a b",
        "http://a/b",
        "a.b:x/c",
        "a\u0000b",
        "é",
        "..",
        "../a",
        "a/../b",
        "a:b:c",
        "-.b/c"
      })
  void parse_refusesWhatIsNoReference(String text) {
    assertThrows(InvalidReferenceException.class, () -> Reference.parse(text));
  }

  @Test
  void parse_refusesAnImageId() {
    assertThrows(InvalidReferenceException.class, () -> Reference.parse(HEX));
  }

  @Test
  void parse_limitsLengths() throws Exception {
    String name = "a.b/" + "c".repeat(251);
    assertEquals(255, Reference.parse(name).name().length());
    assertThrows(InvalidReferenceException.class, () -> Reference.parse(name + "c"));
    Reference.parse("a:" + "t".repeat(128));
    assertThrows(InvalidReferenceException.class, () -> Reference.parse("a:" + "t".repeat(129)));
  }

  @Test
  void refusal_quotesTheNameAndTheReason_withoutControlCharacters() {
    InvalidReferenceException e =
        assertThrows(InvalidReferenceException.class, () -> Reference.parse("Up\nper"));
    assertTrue(e.getMessage().contains("\"Up?per\""), e.getMessage());
    assertTrue(e.getMessage().contains("lower case"), e.getMessage());
  }
}
