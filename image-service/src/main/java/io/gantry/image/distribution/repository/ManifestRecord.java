package io.gantry.image.distribution.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a repository remembers of a manifest that it has, beside the document itself.
 *
 * @param artifactType what a list of referrers says of it
 */
public record ManifestRecord(
    Digest digest,
    String mediaType,
    long sizeBytes,
    Optional<Digest> subject,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  private static final int VERSION = 1;
  private static final JsonMapper MAPPER = new JsonMapper();

  public ManifestRecord {
    annotations = Map.copyOf(annotations);
  }

  public static ManifestRecord of(Digest digest, long sizeBytes, ManifestSummary summary) {
    // Annotations are asked for in lists of referrers only.
    return new ManifestRecord(
        digest,
        summary.mediaType(),
        sizeBytes,
        summary.subject(),
        summary.artifactType(),
        summary.subject().isPresent() ? summary.annotations() : Map.of());
  }

  byte[] toJson() throws JsonProcessingException {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("version", VERSION);
    document.put("mediaType", mediaType);
    document.put("size", sizeBytes);
    subject.ifPresent(digest -> document.put("subject", digest.toString()));
    artifactType.ifPresent(type -> document.put("artifactType", type));
    if (!annotations.isEmpty()) {
      ObjectNode map = document.putObject("annotations");
      annotations.forEach(map::put);
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
  }

  static ManifestRecord parse(Digest digest, byte[] json) throws IOException {
    JsonNode document = MAPPER.readTree(json);
    if (document.path("version").asInt() != VERSION) {
      throw new IOException(
          "the record of manifest "
              + digest
              + " is of version "
              + document.path("version").asText("unknown"));
    }
    String subject = document.path("subject").asText("");
    String artifactType = document.path("artifactType").asText("");
    Map<String, String> annotations = new HashMap<>();
    document
        .path("annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));
    return new ManifestRecord(
        digest,
        document.path("mediaType").asText(),
        document.path("size").asLong(),
        subject.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(subject)),
        artifactType.isEmpty() ? Optional.empty() : Optional.of(artifactType),
        annotations);
  }
}
