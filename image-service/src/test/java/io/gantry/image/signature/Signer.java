package io.gantry.image.signature;

import io.gantry.image.reference.Digest;
import io.gantry.image.registry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;

/** Somebody who signs images as cosign does. */
public final class Signer {

  /** What cosign makes and takes keys of. */
  public enum Algorithm {
    ECDSA("EC", 256, "SHA256withECDSA"),
    RSA("RSA", 2048, "SHA256withRSA"),
    ED25519("Ed25519", 255, "Ed25519");

    private final String key;
    private final int bits;
    private final String signature;

    Algorithm(String key, int bits, String signature) {
      this.key = key;
      this.bits = bits;
      this.signature = signature;
    }
  }

  private final Algorithm algorithm;
  private final KeyPair keys;

  public Signer(Algorithm algorithm) throws GeneralSecurityException {
    this(algorithm, algorithm.bits);
  }

  Signer(Algorithm algorithm, int bits) throws GeneralSecurityException {
    this.algorithm = algorithm;
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.key);
    generator.initialize(bits);
    keys = generator.generateKeyPair();
  }

  /** The public key as a PEM file. */
  public Path publicKey(Path file) throws IOException {
    return Files.write(file, pem());
  }

  byte[] pem() {
    String body = Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded());
    return ("-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  byte[] sign(byte[] text) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm.signature);
    signature.initSign(keys.getPrivate());
    signature.update(text);
    return signature.sign();
  }

  /** The text that is signed: cosign's specs/SIGNATURE_SPEC.md. */
  static String text(String name, Digest image) {
    return "{\"critical\":{\"identity\":{\"docker-reference\":\""
        + name
        + "\"},\"image\":{\"docker-manifest-digest\":\""
        + image
        + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}";
  }

  /**
   * Signs an image and puts that beside it.
   *
   * @param name what the signature says that the image is called
   */
  public void sign(TestRegistry registry, String repository, Digest image, String name)
      throws GeneralSecurityException {
    String text = text(name, image);
    byte[] signature = sign(text.getBytes(StandardCharsets.UTF_8));
    registry.manifest(
        repository,
        "sha256-" + image.hex() + ".sig",
        "application/vnd.oci.image.manifest.v1+json",
        manifest(registry, repository, text, signature));
  }

  /** The same, but as a referrer of the image. */
  public void refer(TestRegistry registry, String repository, Digest image, String name)
      throws GeneralSecurityException {
    String text = text(name, image);
    byte[] signature = sign(text.getBytes(StandardCharsets.UTF_8));
    String manifest = manifest(registry, repository, text, signature);
    String type = "application/vnd.oci.image.manifest.v1+json";
    registry.manifest(repository, "signature", type, manifest);
    registry.referrers(
        repository,
        image,
        "{\"schemaVersion\":2,\"manifests\":["
            + TestRegistry.descriptor(type, manifest.getBytes(StandardCharsets.UTF_8))
            + "]}");
  }

  /** Puts a signature and its text into a repository, and answers the manifest for both. */
  static String manifest(TestRegistry registry, String repository, String text, byte[] signature) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    registry.blob(repository, payload);
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    registry.blob(repository, config);
    String layer =
        TestRegistry.descriptor("application/vnd.dev.cosign.simplesigning.v1+json", payload);
    return "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
        + "\"config\":"
        + TestRegistry.descriptor("application/vnd.oci.image.config.v1+json", config)
        + ",\"layers\":["
        + layer.substring(0, layer.length() - 1)
        + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\""
        + Base64.getEncoder().encodeToString(signature)
        + "\"}}]}";
  }
}
