package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.ApiVersion;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What is told of one image, in the API's documents. */
final class ImageDocument {

  /** The engine's that has none: images were not said when they were made. */
  private static final String NO_TIME = "0001-01-01T00:00:00Z";

  private final ImageDetails image;
  private final JsonNode config;

  ImageDocument(ImageDetails image) throws EngineException {
    this.image = image;
    this.config = Json.parse(image.getConfig().toByteArray(), "image configuration");
  }

  private ImageDocument(ImageDetails image, JsonNode config) {
    this.image = image;
    this.config = config;
  }

  /** The same image with fewer names. */
  ImageDocument withNames(Predicate<String> shown) {
    return new ImageDocument(
        image.toBuilder()
            .clearRepoTags()
            .addAllRepoTags(image.getRepoTagsList().stream().filter(shown).toList())
            .clearRepoDigests()
            .addAllRepoDigests(image.getRepoDigestsList().stream().filter(shown).toList())
            .build(),
        config);
  }

  ImageDetails image() {
    return image;
  }

  List<String> tags() {
    return image.getRepoTagsList().stream().map(ImageName::familiar).sorted().toList();
  }

  private List<String> digests() {
    return image.getRepoDigestsList().stream().map(ImageName::familiar).sorted().toList();
  }

  /** When it was made, as far as it says. */
  Instant created() {
    return instant(config.path("created").asText(""));
  }

  private static Instant instant(String text) {
    try {
      return text.isEmpty() ? Instant.parse(NO_TIME) : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return offset(text);
    }
  }

  private static Instant offset(String text) {
    try {
      return java.time.OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return Instant.parse(NO_TIME);
    }
  }

  Map<String, String> labels() {
    return Json.mapOf(config.path("config").path("Labels"));
  }

  /** A line of the list. */
  ObjectNode summary(ApiVersion version, int containers) {
    ObjectNode summary = Json.object();
    boolean old = !version.isAtLeast(43);
    List<String> tags = tags();
    List<String> digests = digests();
    boolean nameless = tags.isEmpty() && digests.isEmpty();
    summary
        .put("Containers", containers)
        .put("Created", created().getEpochSecond())
        .put("Id", image.getId())
        .put("ParentId", image.getParentId());
    summary.set("RepoDigests", Json.texts(old && nameless ? List.of("<none>@<none>") : digests));
    summary.set("RepoTags", Json.texts(old && tags.isEmpty() ? List.of("<none>:<none>") : tags));
    summary.put("SharedSize", -1).put("Size", image.getSizeBytes());
    if (!version.isAtLeast(44)) {
      summary.put("VirtualSize", image.getSizeBytes());
    }
    summary.set("Labels", labels().isEmpty() ? Json.object() : Json.texts(labels()));
    return summary;
  }

  /** All of it. */
  ObjectNode inspection(ApiVersion version) {
    ObjectNode document = Json.object();
    document.put("Id", image.getId());
    document.set("RepoTags", Json.texts(tags()));
    document.set("RepoDigests", Json.texts(digests()));
    document
        .put("Parent", image.getParentId())
        .put("Comment", lastComment())
        .put("Created", config.path("created").asText(NO_TIME))
        .put("DockerVersion", config.path("docker_version").asText(""))
        .put("Author", config.path("author").asText(""));
    document.set(
        "Config", config.path("config").isObject() ? config.path("config") : Json.object());
    document
        .put("Architecture", config.path("architecture").asText(""))
        .put("Os", config.path("os").asText("linux"));
    if (config.hasNonNull("variant")) {
      document.put("Variant", config.path("variant").asText());
    }
    document.put("Size", image.getSizeBytes());
    if (!version.isAtLeast(44)) {
      document.put("VirtualSize", image.getSizeBytes());
    }
    document.putObject("GraphDriver").put("Name", "overlayfs").putNull("Data");
    ObjectNode rootfs = document.putObject("RootFS");
    rootfs.put("Type", "layers");
    ArrayNode layers = rootfs.putArray("Layers");
    image.getLayersList().forEach(layer -> layers.add(layer.getDiffId()));
    document
        .putObject("Metadata")
        .put("LastTagTime", image.getTaggedAtNanos() == 0 ? NO_TIME : taggedAt());
    return document;
  }

  private String taggedAt() {
    long nanos = image.getTaggedAtNanos();
    return Instant.ofEpochSecond(
            TimeUnit.NANOSECONDS.toSeconds(nanos), nanos % TimeUnit.SECONDS.toNanos(1))
        .toString();
  }

  private String lastComment() {
    JsonNode history = config.path("history");
    return history.isEmpty() ? "" : history.get(history.size() - 1).path("comment").asText("");
  }

  /** What it was made of, the top first; of an image that does not say, its layers. */
  ArrayNode history() {
    ArrayNode lines = Json.array();
    List<ImageLayer> layers = image.getLayersList();
    JsonNode history = config.path("history");
    int layer = 0;
    for (JsonNode step : history) {
      long size = 0;
      if (!step.path("empty_layer").asBoolean(false) && layer < layers.size()) {
        size = layers.get(layer++).getUnpackedBytes();
      }
      lines.insert(
          0,
          line(
              instant(step.path("created").asText("")),
              step.path("created_by").asText(""),
              step.path("comment").asText(""),
              size));
    }
    while (layer < layers.size()) {
      lines.insert(0, line(created(), "", "", layers.get(layer++).getUnpackedBytes()));
    }
    if (!lines.isEmpty()) {
      ((ObjectNode) lines.get(0)).put("Id", image.getId()).set("Tags", Json.texts(tags()));
    }
    return lines;
  }

  private static ObjectNode line(Instant created, String by, String comment, long size) {
    ObjectNode line = Json.object();
    line.put("Comment", comment)
        .put("Created", created.getEpochSecond())
        .put("CreatedBy", by)
        .put("Id", "<missing>")
        .put("Size", size)
        .putNull("Tags");
    return line;
  }
}
