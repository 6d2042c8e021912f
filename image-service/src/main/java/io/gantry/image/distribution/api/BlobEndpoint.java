package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
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
      throw unknown(digest);
    }
    if (Conditions.isKnown(call.request(), digest)) {
      return Conditions.notModified(digest);
    }
    FileChannel file = open(digest);
    try {
      return answer(call, digest, file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Answer answer(Call call, Digest digest, FileChannel file) throws IOException {
    long size = file.size();
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
    if (range.isEmpty()) {
      return answer.with(new Content.FilePart(file, 0, size));
    }
    return answer
        .with("Content-Range", range.get().contentRange(size))
        .with(new Content.FilePart(file, range.get().first(), range.get().length()));
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
