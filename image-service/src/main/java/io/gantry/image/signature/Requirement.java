package io.gantry.image.signature;

import java.util.List;
import java.util.Objects;

/** One condition of a policy; an image must meet all that its scope has. */
sealed interface Requirement {

  /** Any image will do. */
  record AcceptAnything() implements Requirement {}

  /** No image will. */
  record Reject() implements Requirement {}

  /**
   * One of the keys has signed the image.
   *
   * @param identity which name the signature must have been made for
   */
  record Signed(List<VerifyingKey> keys, SignedIdentity identity) implements Requirement {
    public Signed {
      keys = List.copyOf(keys);
      Objects.requireNonNull(identity);
    }
  }
}
