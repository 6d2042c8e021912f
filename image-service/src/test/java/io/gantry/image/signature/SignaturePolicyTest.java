package io.gantry.image.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.reference.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturePolicyTest {

  private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  private SignaturePolicy read(String json) throws IOException {
    return PolicyFile.read(Files.writeString(directory.resolve("policy.json"), json));
  }

  private static Requirement only(SignaturePolicy policy, String image) throws Exception {
    List<Requirement> all = policy.of(Reference.parse(image));
    assertEquals(1, all.size());
    return all.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "r.example:5000/team/a:1, true",
    "r.example:5000/team/a:2, false",
    "r.example:5000/team/b/c:1, true",
    "r.example:5000/teams/a:1, false",
    "r.example:5000/other:1, false",
    "a.b.corp.example/x, true",
    "corp.example/x, false",
    "busybox, true",
    "docker.io/library/busybox:1, true",
    "docker.io/other/busybox, false",
    "elsewhere.example/x, false",
  })
  void narrowestScope_decidesAlone(String image, boolean accepted) throws Exception {
    SignaturePolicy policy =
        read(
            """
            {"default": [{"type": "reject"}],
             "transports": {"docker": {
               "r.example:5000": [{"type": "reject"}],
               "r.example:5000/team": [{"type": "insecureAcceptAnything"}],
               "r.example:5000/team/a": [{"type": "reject"}],
               "r.example:5000/team/a:1": [{"type": "insecureAcceptAnything"}],
               "*.corp.example": [{"type": "insecureAcceptAnything"}],
               "docker.io/library": [{"type": "insecureAcceptAnything"}]}}}
            """);
    assertEquals(accepted, only(policy, image) instanceof Requirement.AcceptAnything);
  }

  @Test
  void emptyScope_isForAllRegistries() throws Exception {
    SignaturePolicy policy =
        read(
            """
            {"default": [{"type": "insecureAcceptAnything"}],
             "transports": {"docker": {"": [{"type": "reject"}]}}}
            """);
    assertInstanceOf(Requirement.Reject.class, only(policy, "any.example/x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"default\": []}",
        "{\"default\": [{\"type\": \"signedBy\", \"keyPath\": \"/k\"}]}",
        "{\"default\": [{\"type\": \"sigstoreSigned\"}]}",
        "{\"default\": [{\"type\": \"sigstoreSigned\", \"fulcio\": {}}]}",
        "{\"default\": [{\"type\": \"sigstoreSigned\", \"keyPath\": \"/nowhere/key.pub\"}]}",
        "{\"default\": [{\"type\": \"sigstoreSigned\", \"keyData\": \"AAAA\"}]}",
        "{\"default\": [{\"type\": \"reject\", \"type\": \"insecureAcceptAnything\"}]}",
        "{\"default\": [{\"type\": \"reject\"}], \"more\": 1}",
        "not json",
      })
  void whatIsNotUnderstood_isAnError(String json) {
    assertThrows(IOException.class, () -> read(json));
  }

  @ParameterizedTest
  @EnumSource(Signer.Algorithm.class)
  void key_knowsItsOwnSignaturesOnly(Signer.Algorithm algorithm) throws Exception {
    Signer signer = new Signer(algorithm);
    VerifyingKey key = VerifyingKey.parse(signer.pem());
    byte[] signature = signer.sign(TEXT);
    assertTrue(key.hasSigned(TEXT, signature));
    assertFalse(key.hasSigned("other".getBytes(StandardCharsets.UTF_8), signature));
    assertFalse(key.hasSigned(TEXT, new Signer(algorithm).sign(TEXT)));
    assertFalse(key.hasSigned(TEXT, new byte[0]));
  }

  @Test
  void shortRsaKey_isRefused() throws Exception {
    byte[] pem = new Signer(Signer.Algorithm.RSA, 1024).pem();
    assertThrows(GeneralSecurityException.class, () -> VerifyingKey.parse(pem));
  }

  @ParameterizedTest
  @CsvSource({
    "matchExact, r.example/a:1, r.example/a:1, true",
    "matchExact, r.example/a:1, r.example/a:2, false",
    "matchExact, r.example/a, r.example/a, false",
    "matchRepoDigestOrExact, r.example/a:1, r.example/a:2, false",
    "matchRepository, r.example/a:1, r.example/a:2, true",
    "matchRepository, r.example/a:1, r.example/a, true",
    "matchRepository, r.example/a:1, r.example/b:1, false",
    "matchRepository, r.example/a:1, NO NAME, false",
    "exactReference, mirror.example/x:7, r.example/a:1, true",
    "exactReference, mirror.example/x:7, r.example/a:2, false",
    "exactRepository, mirror.example/x:7, r.example/a:2, true",
    "exactRepository, mirror.example/x:7, r.example/b:2, false",
    "remapIdentity, mirror.example/x/b:1, r.example/b:1, true",
    "remapIdentity, mirror.example/x/b:1, mirror.example/x/b:1, false",
    "remapIdentity, mirror.example/xy/b:1, mirror.example/xy/b:1, true",
  })
  void signedIdentity_saysWhichNamesCount(
      String type, String image, String signed, boolean accepted) throws Exception {
    String key = Base64.getEncoder().encodeToString(new Signer(Signer.Algorithm.ECDSA).pem());
    SignaturePolicy policy =
        read(
            """
            {"default": [{"type": "sigstoreSigned", "keyData": "%s", "signedIdentity":
              {"type": "%s", "dockerReference": "r.example/a:1", "dockerRepository": "r.example/a",
               "prefix": "mirror.example/x", "signedPrefix": "r.example"}}]}
            """
                .formatted(key, type));
    Requirement.Signed requirement =
        assertInstanceOf(Requirement.Signed.class, only(policy, image));
    assertEquals(accepted, requirement.identity().fits(Reference.parse(image), signed));
  }
}
