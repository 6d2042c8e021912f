package io.gantry.image.signature;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNTRUSTED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether images may be pulled by the node's policy, as it is on disk now. Thread-safe. */
public final class Signatures {

  /** Any image may be pulled. */
  public static final Signatures UNCHECKED = new Signatures(Optional::empty);

  private final Supplier<Optional<Path>> policyFile;

  /**
   * @param policyFile asked anew each time; none accepts any image
   */
  public Signatures(Supplier<Optional<Path>> policyFile) {
    this.policyFile = Objects.requireNonNull(policyFile);
  }

  /**
   * Whether the policy has no conditions for that image.
   *
   * @throws ImageException UNTRUSTED if the policy cannot be read: then nothing may be pulled
   */
  public boolean acceptsAnything(Reference image) throws ImageException {
    return policy(image).of(image).stream()
        .allMatch(requirement -> requirement instanceof Requirement.AcceptAnything);
  }

  /**
   * Looks whether an image meets the policy.
   *
   * @param digests of what the reference stands for and, if that is an index, of what was chosen
   *     from it: who has signed an index has signed what it names
   * @throws ImageException UNTRUSTED if it does not; another kind if that cannot be found out
   */
  public void check(
      Reference image, List<Digest> digests, RemoteRepository repository, Cancellation cancellation)
      throws ImageException {
    RemoteSignatures registry = new RemoteSignatures(repository, cancellation);
    Map<Digest, List<FoundSignature>> found = new LinkedHashMap<>();
    for (Requirement requirement : policy(image).of(image)) {
      if (requirement instanceof Requirement.Reject) {
        throw new ImageException(UNTRUSTED, image + ": the policy rejects it");
      }
      if (requirement instanceof Requirement.Signed signed) {
        check(image, digests, signed, registry, found);
      }
    }
  }

  private SignaturePolicy policy(Reference image) throws ImageException {
    Optional<Path> file = policyFile.get();
    try {
      return file.isPresent() ? PolicyFile.read(file.get()) : SignaturePolicy.NONE;
    } catch (IOException e) {
      throw new ImageException(
          UNTRUSTED, image + ": the policy for signatures cannot be used: " + e.getMessage(), e);
    }
  }

  private static void check(
      Reference image,
      List<Digest> digests,
      Requirement.Signed required,
      RemoteSignatures registry,
      Map<Digest, List<FoundSignature>> found)
      throws ImageException {
    List<String> flaws = new ArrayList<>();
    for (Digest digest : digests) {
      if (!found.containsKey(digest)) {
        found.put(digest, signatures(digest, registry, flaws));
      }
      for (FoundSignature signature : found.get(digest)) {
        Optional<String> flaw = flaw(image, digest, required, signature);
        if (flaw.isEmpty()) {
          return;
        }
        flaws.add(signature.source() + ": " + flaw.get());
      }
    }
    throw new ImageException(
        UNTRUSTED,
        image
            + ": no signature of "
            + String.join(" or ", digests.stream().map(Digest::toString).toList())
            + " meets the policy: "
            + (flaws.isEmpty() ? "the registry has none" : String.join("; ", flaws)));
  }

  /** Signatures that cannot be understood are none. */
  private static List<FoundSignature> signatures(
      Digest digest, RemoteSignatures registry, List<String> flaws) throws ImageException {
    try {
      return registry.of(digest);
    } catch (ImageException e) {
      if (e.kind() != CORRUPT) {
        throw e;
      }
      flaws.add(e.getMessage());
      return List.of();
    }
  }

  /** Why a signature does not count, if it does not. What it says is read once it is known true. */
  private static Optional<String> flaw(
      Reference image, Digest digest, Requirement.Signed required, FoundSignature found) {
    boolean signed =
        required.keys().stream().anyMatch(key -> key.hasSigned(found.payload(), found.signature()));
    if (!signed) {
      return Optional.of("made by no key of the policy");
    }
    try {
      SignedPayload says = SignedPayload.parse("the signed text", found.payload());
      if (!says.digest().equals(digest.toString())) {
        return Optional.of("made for " + says.digest());
      }
      return required.identity().fits(image, says.name())
          ? Optional.empty()
          : Optional.of("made for the name \"" + says.name() + "\"");
    } catch (ImageException e) {
      return Optional.of(e.getMessage());
    }
  }
}
