package io.gantry.image.signature;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.LayoutIndex;
import io.gantry.image.manifest.SignatureManifest;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Finds an image's signatures beside it, where cosign puts them: under the tag {@code
 * sha256-HEX.sig}, or as referrers of the image's manifest.
 */
final class RemoteSignatures {

  private static final String ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json";

  /** A signed text is a few hundred bytes. */
  private static final int PAYLOAD_LIMIT_BYTES = 64 << 10;

  /** Each costs a request. */
  private static final int REFERRERS_LIMIT = 32;

  private final RemoteRepository repository;
  private final Cancellation cancellation;

  RemoteSignatures(RemoteRepository repository, Cancellation cancellation) {
    this.repository = repository;
    this.cancellation = cancellation;
  }

  /** Those of a manifest or index that the registry has; none of them is verified. */
  List<FoundSignature> of(Digest image) throws ImageException {
    List<FoundSignature> all = new ArrayList<>();
    String tag = image.algorithm().prefix() + "-" + image.hex() + ".sig";
    Optional<RemoteRepository.Document> tagged = repository.tagged(tag, cancellation);
    if (tagged.isPresent()) {
      all.addAll(signatures("the tag " + tag, tagged.get().bytes()));
    }
    Optional<byte[]> referrers = repository.referrers(image, ARTIFACT, cancellation);
    if (referrers.isPresent()) {
      all.addAll(referring(image, LayoutIndex.parse(referrers.get())));
    }
    return all;
  }

  private List<FoundSignature> referring(Digest image, LayoutIndex referrers)
      throws ImageException {
    List<FoundSignature> all = new ArrayList<>();
    for (LayoutIndex.Entry entry : referrers.entries().stream().limit(REFERRERS_LIMIT).toList()) {
      byte[] manifest = repository.manifest(entry.target(), cancellation).bytes();
      all.addAll(signatures("the referrer " + entry.target().digest() + " of " + image, manifest));
    }
    return all;
  }

  private List<FoundSignature> signatures(String source, byte[] manifest) throws ImageException {
    List<FoundSignature> all = new ArrayList<>();
    for (SignatureManifest.Entry entry : SignatureManifest.parse(source, manifest).entries()) {
      if (entry.payload().sizeBytes() > PAYLOAD_LIMIT_BYTES) {
        throw new ImageException(
            ImageException.Kind.CORRUPT, source + ": the signed text is far too large");
      }
      all.add(
          new FoundSignature(
              source,
              repository.bytes(entry.payload(), cancellation),
              decoded(source, entry.signature())));
    }
    return all;
  }

  private static byte[] decoded(String source, String signature) throws ImageException {
    try {
      return Base64.getDecoder().decode(signature);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          ImageException.Kind.CORRUPT, source + ": the signature is no base64", e);
    }
  }
}
