package io.gantry.image.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

  // SHA-256 of nothing (FIPS 180-4 examples).
  private static final String EMPTY =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void sha256_isTheHashOfTheBytes() {
    assertEquals(EMPTY, Digest.sha256(new byte[0]).toString());
  }

  @Test
  void parse_readsBothAlgorithms() throws Exception {
    assertEquals(Digest.Algorithm.SHA256, Digest.parse(EMPTY).algorithm());
    assertEquals(Digest.Algorithm.SHA512, Digest.parse("sha512:" + "a".repeat(128)).algorithm());
    assertEquals(Digest.parse(EMPTY), Digest.sha256(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:abc",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "SHA256:../../etc",
        "sha256:../../../etc/passwd"
      })
  void parse_refusesAnythingElse(String text) {
    InvalidReferenceException e =
        assertThrows(InvalidReferenceException.class, () -> Digest.parse(text));
    assertTrue(e.getMessage().contains("\"" + text + "\""), e.getMessage());
  }

  @Test
  void parse_refusesUpperCaseDigits() {
    assertThrows(InvalidReferenceException.class, () -> Digest.parse("sha256:" + "A".repeat(64)));
  }
}
