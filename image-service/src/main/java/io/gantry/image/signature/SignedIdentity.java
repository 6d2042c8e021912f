package io.gantry.image.signature;

import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import java.util.Optional;

/**
 * Which name a signature must have been made for to count for an image (containers-policy.json(5),
 * {@code signedIdentity}): without such a rule an old image, signed once, could be served under any
 * name.
 */
sealed interface SignedIdentity {

  /**
   * @param signed the name that the signature holds
   */
  boolean fits(Reference image, String signed);

  /** The same name and tag. An image that is asked for by digest never fits. */
  record Exact() implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      return image.repoTag().isPresent() && image.repoTag().equals(tagged(signed));
    }
  }

  /** The same name and tag; for an image that is asked for by digest, the same repository. */
  record RepositoryByDigestOrExact() implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      return image.digest().isPresent()
          ? new SameRepository().fits(image, signed)
          : new Exact().fits(image, signed);
    }
  }

  /** The same repository, whatever the tag. */
  record SameRepository() implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      return parsed(signed).map(Reference::name).equals(Optional.of(image.name()));
    }
  }

  /** This name and tag, whatever the image is called here. */
  record ThatReference(String name) implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      return tagged(signed).isPresent() && tagged(signed).equals(tagged(name));
    }
  }

  /** That repository, whatever the image is called here. */
  record ThatRepository(String name) implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      Optional<String> repository = parsed(signed).map(Reference::name);
      return repository.isPresent() && repository.equals(parsed(name).map(Reference::name));
    }
  }

  /** As by {@link RepositoryByDigestOrExact}, for images that were copied from elsewhere. */
  record Remapped(String prefix, String signedPrefix) implements SignedIdentity {
    @Override
    public boolean fits(Reference image, String signed) {
      Reference original = isBelow(image.name()) ? original(image) : image;
      return new RepositoryByDigestOrExact().fits(original, signed);
    }

    private boolean isBelow(String name) {
      return name.equals(prefix) || name.startsWith(prefix + "/");
    }

    private Reference original(Reference image) {
      String rest = image.toString().substring(prefix.length());
      return parsed(signedPrefix + rest).orElse(image);
    }
  }

  private static Optional<Reference> parsed(String name) {
    try {
      return Optional.of(Reference.parse(name));
    } catch (InvalidReferenceException isNone) {
      return Optional.empty();
    }
  }

  /** The name with its tag, if it has one: here no tag does not mean {@code latest}. */
  private static Optional<String> tagged(String name) {
    return parsed(name)
        .filter(reference -> reference.tag().filter(tag -> name.endsWith(":" + tag)).isPresent())
        .flatMap(Reference::repoTag);
  }
}
