package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.cache.PullThrough;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Content;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;

/** {@code /v2/NAME/blobs/DIGEST}. */
record BlobEndpoint(Parts parts, RepositoryName name, String reference) implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL, "DELETE", Right.DELETE);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Digest digest = References.digest(reference);
    Repository repository = parts.repositories().get(name);
    return call.method().equals("GET") ? get(call, repository, digest) : delete(repository, digest);
  }

  private Answer get(Call call, Repository repository, Digest digest) throws IOException {
    if (!repository.hasBlob(digest)) {
      return passThrough(call, repository, digest);
    }
    if (call.request().method().equals("HEAD") && !parts.refused().contains(Right.PUSH)) {
      repository.touchBlob(digest); // Clients ask so before they push.
    }
    if (Conditions.isKnown(call.request(), digest)) {
      return Conditions.notModified(digest);
    }
    FileChannel file = open(digest);
    try {
      return answer(
          call,
          digest,
          file.size(),
          part -> new Content.FilePart(file, part.first(), part.length()));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** From where this is a cache of, if it is one: while it arrives, for that may take long. */
  private Answer passThrough(Call call, Repository repository, Digest digest) throws IOException {
    PullThrough upstream = parts.upstream().orElseThrow(() -> unknown(digest));
    long size = upstream.sizeOf(repository, digest).orElseThrow(() -> unknown(digest));
    return answer(
        call,
        digest,
        size,
        part ->
            call.request().method().equals("HEAD")
                ? new Content.Announced(part.length())
                : new Content.Flow(
                    upstream.follow(repository, digest, part.first(), size), part.length()));
  }

  private interface Parted {
    Content of(ByteRange part) throws IOException;
  }

  private static Answer answer(Call call, Digest digest, long size, Parted content)
      throws IOException {
    Optional<ByteRange> range =
        Conditions.isRangeValid(call.request(), digest)
            ? ByteRange.of(call.request(), size)
            : Optional.empty();
    Answer answer =
        Answer.of(range.isPresent() ? 206 : 200)
            .with("Content-Type", "application/octet-stream")
            .with("Docker-Content-Digest", digest.toString())
            .with("ETag", Conditions.entityTag(digest))
            .with("Accept-Ranges", "bytes")
            .with("Cache-Control", "private, max-age=31536000, immutable");
    if (range.isPresent()) {
      answer = answer.with("Content-Range", range.get().contentRange(size));
    }
    return answer.with(content.of(range.orElse(new ByteRange(0, size))));
  }

  private FileChannel open(Digest digest) throws IOException {
    try {
      return parts.content().openChannel(digest);
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.NOT_FOUND) {
        throw unknown(digest); // Deleted meanwhile, or lost.
      }
      throw e;
    }
  }

  private Answer delete(Repository repository, Digest digest) throws IOException {
    if (!repository.removeBlob(digest)) {
      throw unknown(digest);
    }
    parts.garbage().run();
    return Answer.of(202).with("Docker-Content-Digest", digest.toString());
  }

  private ApiFailure unknown(Digest digest) {
    return new ApiFailure(ErrorCode.BLOB_UNKNOWN, "there is no blob " + digest + " in " + name);
  }
}
