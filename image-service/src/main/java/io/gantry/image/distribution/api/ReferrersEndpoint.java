package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.ManifestRecord;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /v2/NAME/referrers/DIGEST}: an index of the manifests that have this one for their
 * subject.
 */
record ReferrersEndpoint(Parts parts, RepositoryName name, String reference) implements Endpoint {

  /**
   * An index is a manifest, of which clients need not take more than 4 MiB; what annotations take
   * beside their own characters is left for.
   */
  private static final long PAGE_CHARACTERS = 1 << 20;

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Digest subject = References.digest(reference);
    Optional<String> type = call.request().parameter("artifactType");
    String last = call.request().parameter("last").orElse("");
    Repository repository = parts.repositories().get(name);
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    Optional<Digest> next =
        fill(
            index.putArray("manifests"),
            repository,
            after(repository.referrers(subject), last),
            type);
    Answer answer = Documents.answer(200, MediaTypes.OCI_INDEX, index);
    if (type.isPresent()) {
      answer = answer.with("OCI-Filters-Applied", "artifactType");
    }
    return next.isPresent() ? link(answer, type, next.get()) : answer;
  }

  private static List<Digest> after(List<Digest> sorted, String last) {
    return sorted.stream().filter(digest -> digest.toString().compareTo(last) > 0).toList();
  }

  /**
   * Describes at least one, then as many as have room, one after the other: all of them at once may
   * be more than memory has room for.
   *
   * @return the last one described, if others follow
   */
  private static Optional<Digest> fill(
      ArrayNode manifests, Repository repository, List<Digest> digests, Optional<String> type)
      throws IOException {
    long characters = 0;
    Digest last = null;
    for (Digest digest : digests) {
      Optional<ManifestRecord> record =
          repository
              .manifest(digest)
              .filter(one -> type.isEmpty() || one.artifactType().equals(type));
      if (record.isPresent()) {
        characters += characters(record.get());
        if (last != null && characters > PAGE_CHARACTERS) {
          return Optional.of(last);
        }
        describe(manifests.addObject(), record.get());
        last = digest;
      }
    }
    return Optional.empty();
  }

  private static long characters(ManifestRecord record) {
    long annotations =
        record.annotations().entrySet().stream()
            .mapToLong(entry -> entry.getKey().length() + entry.getValue().length() + 8L)
            .sum();
    return 400 + annotations;
  }

  private static void describe(ObjectNode descriptor, ManifestRecord record) {
    descriptor.put("mediaType", record.mediaType());
    descriptor.put("digest", record.digest().toString());
    descriptor.put("size", record.sizeBytes());
    record.artifactType().ifPresent(type -> descriptor.put("artifactType", type));
    if (!record.annotations().isEmpty()) {
      ObjectNode annotations = descriptor.putObject("annotations");
      record.annotations().forEach(annotations::put);
    }
  }

  private Answer link(Answer answer, Optional<String> type, Digest last) {
    String filter = type.map(text -> "artifactType=" + encode(text) + "&").orElse("");
    return answer.with(
        "Link",
        "</v2/%s/referrers/%s?%slast=%s>; rel=\"next\""
            .formatted(name, reference, filter, encode(last.toString())));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
