package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.ManifestRecord;
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
    List<ManifestRecord> wanted =
        parts.repositories().get(name).referrers(subject).stream()
            .filter(record -> type.isEmpty() || record.artifactType().equals(type))
            .filter(record -> record.digest().toString().compareTo(last) > 0)
            .toList();
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    int count = fill(index.putArray("manifests"), wanted);
    Answer answer = Documents.answer(200, MediaTypes.OCI_INDEX, index);
    if (type.isPresent()) {
      answer = answer.with("OCI-Filters-Applied", "artifactType");
    }
    return count < wanted.size() ? link(answer, type, wanted.get(count - 1)) : answer;
  }

  /** At least one, then as many as have room. */
  private static int fill(ArrayNode manifests, List<ManifestRecord> wanted) {
    long characters = 0;
    int count = 0;
    for (ManifestRecord record : wanted) {
      characters += characters(record);
      if (count > 0 && characters > PAGE_CHARACTERS) {
        break;
      }
      describe(manifests.addObject(), record);
      count++;
    }
    return count;
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

  private Answer link(Answer answer, Optional<String> type, ManifestRecord last) {
    String filter = type.map(text -> "artifactType=" + encode(text) + "&").orElse("");
    return answer.with(
        "Link",
        "</v2/%s/referrers/%s?%slast=%s>; rel=\"next\""
            .formatted(name, reference, filter, encode(last.digest().toString())));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
