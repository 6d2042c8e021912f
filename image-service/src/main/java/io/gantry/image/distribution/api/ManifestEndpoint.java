package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Body;
import io.gantry.image.distribution.exchange.Content;
import io.gantry.image.distribution.exchange.Request;
import io.gantry.image.distribution.repository.ManifestRecord;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.distribution.repository.Tag;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /v2/NAME/manifests/REFERENCE}, the reference being a tag or a digest. */
record ManifestEndpoint(Parts parts, MemoryBudget memory, RepositoryName name, String reference)
    implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL, "PUT", Right.PUSH, "DELETE", Right.DELETE);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Repository repository = parts.repositories().get(name);
    return switch (call.method()) {
      case "PUT" -> put(call.request(), repository);
      case "DELETE" -> delete(repository);
      default -> get(call.request(), repository);
    };
  }

  private Answer get(Request request, Repository repository) throws IOException {
    Digest digest = wanted(repository).orElseThrow(this::unknown);
    ManifestRecord manifest = repository.manifest(digest).orElseThrow(this::unknown);
    if (Conditions.isKnown(request, digest)) {
      return Conditions.notModified(digest);
    }
    // Its client checks it against the digest, as it must in any case.
    FileChannel file = parts.content().openChannel(digest);
    return Answer.of(200)
        .with("Content-Type", manifest.mediaType())
        .with("Docker-Content-Digest", digest.toString())
        .with("ETag", Conditions.entityTag(digest))
        .with(new Content.FilePart(file, 0, manifest.sizeBytes()));
  }

  /** The digest of what is asked for, which a cache has by then. */
  private Optional<Digest> wanted(Repository repository) throws IOException {
    if (References.isDigest(reference)) {
      Digest digest = References.digest(reference);
      if (parts.upstream().isPresent()) {
        return parts.upstream().get().fetch(repository, digest)
            ? Optional.of(digest)
            : Optional.empty();
      }
      return Optional.of(digest);
    }
    Tag tag = References.tag(reference);
    return parts.upstream().isPresent()
        ? parts.upstream().get().resolve(repository, tag)
        : repository.tag(tag);
  }

  private Answer put(Request request, Repository repository) throws IOException {
    List<Tag> tags = new ArrayList<>();
    if (!References.isDigest(reference)) {
      tags.add(References.tag(reference));
    } else {
      for (String tag : request.parameters("tag")) {
        tags.add(References.tag(tag));
      }
    }
    long announced = request.body().length().orElse(parts.manifestLimitBytes());
    checkSize(announced);
    MemoryBudget.Share share = memory.take(announced);
    try {
      return put(request, repository, tags);
    } finally {
      share.close();
    }
  }

  private void checkSize(long bytes) throws ApiFailure {
    if (bytes > parts.manifestLimitBytes()) {
      throw new ApiFailure(
          ErrorCode.MANIFEST_INVALID,
          413,
          "a manifest may have at most " + parts.manifestLimitBytes() + " bytes");
    }
  }

  private Answer put(Request request, Repository repository, List<Tag> tags) throws IOException {
    byte[] bytes = read(request.body());
    Digest digest = digest(bytes);
    ManifestSummary summary = parse(bytes, request.header("content-type").orElse(""));
    checkParts(repository, summary);
    ManifestRecord manifest = ManifestRecord.of(digest, bytes.length, summary);
    parts
        .content()
        .claims()
        .holding(
            digest,
            () -> {
              parts.content().write(digest, bytes);
              repository.addManifest(manifest, tags);
              return null;
            });
    return stored(manifest, tags);
  }

  private byte[] read(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) body.length().orElse(4096));
    body.transferTo(
        piece -> {
          checkSize((long) bytes.size() + piece.remaining());
          byte[] copy = new byte[piece.remaining()];
          piece.get(copy);
          bytes.writeBytes(copy);
        });
    return bytes.toByteArray();
  }

  private Digest digest(byte[] bytes) throws ApiFailure {
    if (!References.isDigest(reference)) {
      return Digest.sha256(bytes);
    }
    Digest expected = References.digest(reference);
    Digest actual = Digest.finish(expected.algorithm(), expected.algorithm().start().digest(bytes));
    if (!actual.equals(expected)) {
      throw new ApiFailure(ErrorCode.DIGEST_INVALID, "the manifest sent has the digest " + actual);
    }
    return actual;
  }

  private static ManifestSummary parse(byte[] bytes, String contentType) throws ApiFailure {
    try {
      return ManifestSummary.parse("the manifest", bytes, contentType);
    } catch (ImageException e) {
      throw new ApiFailure(ErrorCode.MANIFEST_INVALID, e.getMessage());
    }
  }

  private void checkParts(Repository repository, ManifestSummary summary) throws IOException {
    for (Descriptor blob : summary.blobs()) {
      if (!repository.hasBlob(blob.digest())) {
        throw missing("blob", blob.digest());
      }
    }
    for (Descriptor manifest : summary.manifests()) {
      if (repository.manifest(manifest.digest()).isEmpty()) {
        throw missing("manifest", manifest.digest());
      }
    }
  }

  private ApiFailure missing(String what, Digest digest) {
    return new ApiFailure(
        ErrorCode.MANIFEST_BLOB_UNKNOWN,
        "the manifest points to the " + what + " " + digest + ", which is not in " + name);
  }

  private Answer stored(ManifestRecord manifest, List<Tag> tags) {
    Answer answer =
        Answer.of(201)
            .with("Location", "/v2/" + name + "/manifests/" + manifest.digest())
            .with("Docker-Content-Digest", manifest.digest().toString());
    if (!tags.isEmpty()) {
      answer = answer.with("OCI-Tag", String.join(", ", tags.stream().map(Tag::text).toList()));
    }
    return manifest.subject().isPresent()
        ? answer.with("OCI-Subject", manifest.subject().get().toString())
        : answer;
  }

  private Answer delete(Repository repository) throws IOException {
    boolean removed =
        References.isDigest(reference)
            ? repository.removeManifest(References.digest(reference))
            : repository.removeTag(References.tag(reference));
    if (!removed) {
      throw unknown();
    }
    parts.garbage().run();
    return Answer.of(202);
  }

  private ApiFailure unknown() {
    return new ApiFailure(
        ErrorCode.MANIFEST_UNKNOWN, "there is no manifest " + reference + " in " + name);
  }
}
