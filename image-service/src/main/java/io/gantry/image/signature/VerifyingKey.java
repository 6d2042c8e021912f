package io.gantry.image.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A public key: ECDSA, RSA (PKCS #1 v1.5) or Ed25519, the first two over SHA-256, which is what
 * cosign signs with.
 */
final class VerifyingKey {

  /** Shorter RSA keys are within reach (NIST SP 800-57, part 1). */
  private static final int LEAST_RSA_BITS = 2048;

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
  private static final Map<String, String> SIGNATURES =
      Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "Ed25519", "Ed25519");

  private final PublicKey key;
  private final String algorithm;

  private VerifyingKey(PublicKey key, String algorithm) {
    this.key = Objects.requireNonNull(key);
    this.algorithm = Objects.requireNonNull(algorithm);
  }

  /**
   * Reads a key as {@code openssl} and cosign write it: SubjectPublicKeyInfo in PEM.
   *
   * @throws GeneralSecurityException if it is none, or one too weak
   */
  static VerifyingKey parse(byte[] pem) throws GeneralSecurityException {
    Matcher body = PEM.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!body.find()) {
      throw new GeneralSecurityException("there is no PEM block \"PUBLIC KEY\"");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(body.group(1));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("the PEM block is no base64", e);
    }
    for (Map.Entry<String, String> kind : SIGNATURES.entrySet()) {
      try {
        PublicKey key =
            KeyFactory.getInstance(kind.getKey()).generatePublic(new X509EncodedKeySpec(der));
        return strong(new VerifyingKey(key, kind.getValue()));
      } catch (java.security.spec.InvalidKeySpecException another) {
        continue;
      }
    }
    throw new GeneralSecurityException("it is neither an ECDSA, an RSA nor an Ed25519 key");
  }

  private static VerifyingKey strong(VerifyingKey key) throws GeneralSecurityException {
    if (key.key instanceof RSAKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
      throw new GeneralSecurityException(
          "an RSA key of " + rsa.getModulus().bitLength() + " bits is too short");
    }
    return key;
  }

  boolean hasSigned(byte[] payload, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(payload);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }
}
