package io.gantry.image.build;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.build.cache.CachedLayer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Images whose layers may be used like the cache's: those that were built in the same way, as their
 * histories say, up to a step. What steps copy is named in a history by its digest.
 */
final class CacheSources {

  /** What an image has of a step. */
  record Step(Optional<CachedLayer> layer, Instant created) {}

  private final List<Draft> images;

  CacheSources(List<Draft> images) {
    this.images = List.copyOf(images);
  }

  /** The step of that description that some image has above the same layers. */
  Optional<Step> find(Draft before, String description) {
    for (Draft image : images) {
      Optional<Step> step = find(image, before, description);
      if (step.isPresent()) {
        return step;
      }
    }
    return Optional.empty();
  }

  private static Optional<Step> find(Draft image, Draft before, String description) {
    int at = before.history().size();
    if (image.history().size() <= at || image.layers().size() < before.layers().size()) {
      return Optional.empty();
    }
    for (int i = 0; i < before.layers().size(); i++) {
      if (!image.layers().get(i).diffId().equals(before.layers().get(i).diffId())) {
        return Optional.empty();
      }
    }
    for (int i = 0; i < at; i++) {
      if (!createdBy(image.history().get(i)).equals(createdBy(before.history().get(i)))) {
        return Optional.empty();
      }
    }
    JsonNode next = image.history().get(at);
    if (!createdBy(next).equals(description)) {
      return Optional.empty();
    }
    boolean empty = next.path("empty_layer").asBoolean(false);
    if (!empty && image.layers().size() <= before.layers().size()) {
      return Optional.empty();
    }
    return Optional.of(
        new Step(
            empty ? Optional.empty() : Optional.of(image.layers().get(before.layers().size())),
            created(next)));
  }

  private static String createdBy(JsonNode entry) {
    return entry.path("created_by").asText("");
  }

  private static Instant created(JsonNode entry) {
    try {
      return Instant.parse(entry.path("created").asText(""));
    } catch (DateTimeException none) {
      return Instant.EPOCH;
    }
  }
}
