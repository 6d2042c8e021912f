package io.gantry.image.reference;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * The name of content by its hash, as the OCI image specification writes it: {@code sha256:} and 64
 * lower-case hexadecimal digits, or {@code sha512:} and 128. An instance is always well-formed, so
 * it is safe as a file name's part.
 */
public final class Digest {

  /** The hash functions that the OCI image specification registers and every JDK has. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String prefix;
    private final String javaName;
    private final int hexLength;

    Algorithm(String prefix, String javaName, int hexLength) {
      this.prefix = prefix;
      this.javaName = javaName;
      this.hexLength = hexLength;
    }

    /** The part before the colon, {@code sha256} or {@code sha512}. */
    public String prefix() {
      return prefix;
    }

    /** A fresh hash computation. */
    public MessageDigest start() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        // SHA-256 is required of every Java platform, and SHA-512 is in every JDK's SUN provider.
        throw new IllegalStateException("this Java runtime has no " + javaName, e);
      }
    }
  }

  private final Algorithm algorithm;
  private final String hex;

  private Digest(Algorithm algorithm, String hex) {
    this.algorithm = algorithm;
    this.hex = hex;
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws InvalidReferenceException if the algorithm is unknown or the rest is not the right
   *     number of lower-case hexadecimal digits
   */
  public static Digest parse(String text) throws InvalidReferenceException {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new InvalidReferenceException(
          "digest", text, "there is no ':' between algorithm and value");
    }
    String prefix = text.substring(0, colon);
    String hex = text.substring(colon + 1);
    for (Algorithm algorithm : Algorithm.values()) {
      if (algorithm.prefix.equals(prefix)) {
        return new Digest(algorithm, checkHex(algorithm, hex, text));
      }
    }
    throw new InvalidReferenceException(
        "digest", text, "the algorithm is neither sha256 nor sha512");
  }

  private static String checkHex(Algorithm algorithm, String hex, String text)
      throws InvalidReferenceException {
    if (hex.length() != algorithm.hexLength) {
      throw new InvalidReferenceException(
          "digest",
          text,
          algorithm.prefix
              + " takes "
              + algorithm.hexLength
              + " hexadecimal digits, not "
              + hex.length());
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        throw new InvalidReferenceException("digest", text, "the value may hold only 0-9 and a-f");
      }
    }
    return hex;
  }

  /** The SHA-256 digest of {@code bytes}. */
  public static Digest sha256(byte[] bytes) {
    return finish(Algorithm.SHA256, Algorithm.SHA256.start().digest(bytes));
  }

  /**
   * The digest whose raw hash is {@code hash}.
   *
   * @throws IllegalArgumentException if the length is not that of the algorithm
   */
  public static Digest finish(Algorithm algorithm, byte[] hash) {
    String hex = HexFormat.of().formatHex(hash);
    if (hex.length() != algorithm.hexLength) {
      throw new IllegalArgumentException(
          algorithm.prefix + " has " + algorithm.hexLength / 2 + " bytes, not " + hash.length);
    }
    return new Digest(algorithm, hex);
  }

  public Algorithm algorithm() {
    return algorithm;
  }

  /** The part after the colon. */
  public String hex() {
    return hex;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest that && algorithm == that.algorithm && hex.equals(that.hex);
  }

  @Override
  public int hashCode() {
    return Objects.hash(algorithm, hex);
  }

  /** {@code algorithm:hex}, which {@link #parse} reads back. */
  @Override
  public String toString() {
    return algorithm.prefix + ":" + hex;
  }
}
