package io.gantry.image.snapshot;

import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The name of a stack of layers: the first layer's diff id, or the digest of the chain below and
 * the next diff id with a space between (OCI image specification, config, "Layer ChainID").
 */
public record ChainId(Digest digest) {

  public ChainId {
    Objects.requireNonNull(digest);
  }

  public static ChainId parse(String text) throws InvalidReferenceException {
    return new ChainId(Digest.parse(text));
  }

  /** The chain of one layer. */
  public static ChainId first(Digest diffId) {
    return new ChainId(diffId);
  }

  /** This chain with one more layer on top. */
  public ChainId then(Digest diffId) {
    return new ChainId(Digest.sha256((digest + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
  }

  /** The chain of all the layers, bottom first; empty if there are none. */
  public static Optional<ChainId> of(List<Digest> diffIds) {
    Optional<ChainId> chain = Optional.empty();
    for (Digest diffId : diffIds) {
      chain = Optional.of(chain.map(below -> below.then(diffId)).orElseGet(() -> first(diffId)));
    }
    return chain;
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
