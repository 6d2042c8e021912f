package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.distribution.upload.Upload;
import io.gantry.image.distribution.upload.UploadException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code /v2/NAME/blobs/uploads/}: begins an upload, takes a whole blob, or takes one over from
 * another repository.
 */
record UploadsEndpoint(Parts parts, RepositoryName name) implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("POST", Right.PUSH);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Repository repository = parts.repositories().get(name);
    Optional<String> mount = call.request().parameter("mount");
    if (mount.isPresent() && mounted(call, repository, References.digest(mount.get()))) {
      return UploadAnswers.stored(name, References.digest(mount.get()));
    }
    Optional<String> whole = call.request().parameter("digest");
    return whole.isPresent() && mount.isEmpty()
        ? take(call, repository, References.digest(whole.get()))
        : begin(call, repository);
  }

  /** A client that may not have the blob there is told nothing about it; it sends the blob. */
  private boolean mounted(Call call, Repository repository, Digest digest) throws IOException {
    // Held before it is looked for, so that it cannot go in between.
    return parts.content().claims().holding(digest, () -> mountedHeld(call, repository, digest));
  }

  private boolean mountedHeld(Call call, Repository repository, Digest digest) throws IOException {
    for (RepositoryName source : sources(call, digest)) {
      if (parts.gate().allows(call.identity(), Right.PULL, source)
          && parts.repositories().get(source).hasBlob(digest)
          && parts.content().has(digest)) {
        repository.addBlob(digest);
        return true;
      }
    }
    return false;
  }

  private List<RepositoryName> sources(Call call, Digest digest) throws IOException {
    Optional<String> from = call.request().parameter("from");
    if (from.isEmpty()) {
      return parts.repositories().withBlob(digest);
    }
    try {
      return List.of(RepositoryName.parse(from.get()));
    } catch (InvalidReferenceException e) {
      throw new ApiFailure(ErrorCode.NAME_INVALID, e.getMessage());
    }
  }

  private Answer take(Call call, Repository repository, Digest digest) throws IOException {
    Upload upload = start(repository, digest.algorithm());
    try {
      upload.finish(OptionalLong.empty(), call.request().body(), digest);
    } catch (UploadException e) {
      throw UploadAnswers.failure(name, upload, e);
    } finally {
      // Its client was told no name to go on with.
      upload.discard();
    }
    return UploadAnswers.stored(name, digest);
  }

  private Answer begin(Call call, Repository repository) throws IOException {
    return UploadAnswers.underWay(202, name, start(repository, algorithm(call)));
  }

  private Upload start(Repository repository, Digest.Algorithm algorithm) throws IOException {
    try {
      return parts.uploads().start(repository, algorithm);
    } catch (UploadException e) {
      throw new ApiFailure(ErrorCode.TOOMANYREQUESTS, e.getMessage()).with("Retry-After", "60");
    }
  }

  private static Digest.Algorithm algorithm(Call call) throws ApiFailure {
    String asked = call.request().parameter("digest-algorithm").orElse("sha256");
    for (Digest.Algorithm known : Digest.Algorithm.values()) {
      if (known.prefix().equals(asked)) {
        return known;
      }
    }
    throw new ApiFailure(
        ErrorCode.DIGEST_INVALID, "digests are made with sha256 or sha512, not with " + asked);
  }
}
