package io.gantry.image.build.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The steps that were carried out, a document for each. Thread-safe. */
public final class StepCache {
  private static final int VERSION = 1;
  private static final Duration WRITE_EVERY = Duration.ofMinutes(1);

  private final RecordDirectory directory;
  private final Clock clock;
  // Both guarded by this, and so is the order of writes.
  private final Map<Digest, CachedStep> steps = new HashMap<>();
  private final Map<Digest, Integer> inUse = new HashMap<>();

  private StepCache(RecordDirectory directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  public static StepCache open(Path path, Clock clock, Steps faults) throws IOException {
    StepCache cache = new StepCache(RecordDirectory.open(path, "build step", faults), clock);
    for (Map.Entry<String, JsonNode> document : cache.directory.readAll().entrySet()) {
      try {
        CachedStep step = parse(document.getValue());
        cache.steps.put(step.key(), step);
      } catch (IOException | DateTimeException e) {
        cache.directory.setAside(document.getKey(), e.getMessage());
      }
    }
    return cache;
  }

  /** The step of that key, which counts as used now. */
  public synchronized Optional<CachedStep> use(Digest key) throws IOException {
    CachedStep known = steps.get(key);
    if (known == null) {
      return Optional.empty();
    }
    CachedStep used = known.usedAt(clock.instant());
    steps.put(key, used);
    // To the minute is near enough for what is pruned some day; a write is synced.
    if (used.uses() == 1 || known.lastUsed().plus(WRITE_EVERY).isBefore(used.lastUsed())) {
      directory.write(key.hex(), document(used));
    }
    return Optional.of(used);
  }

  /** Keeps a step; its layer's blob and chain must be held until this returns. */
  public synchronized void put(CachedStep step) throws IOException {
    directory.write(step.key().hex(), document(step));
    steps.put(step.key(), step);
  }

  public synchronized void remove(Digest key) throws IOException {
    steps.remove(key);
    directory.delete(key.hex());
  }

  public synchronized Collection<CachedStep> all() {
    return List.copyOf(steps.values());
  }

  /** Keeps a step from being pruned while a build uses it. */
  public synchronized void hold(Digest key) {
    inUse.merge(key, 1, Integer::sum);
  }

  public synchronized void release(Digest key) {
    inUse.computeIfPresent(key, (known, users) -> users == 1 ? null : users - 1);
  }

  public synchronized boolean isInUse(Digest key) {
    return inUse.containsKey(key);
  }

  /** What the collector must leave. */
  public synchronized Set<Digest> blobs() {
    Set<Digest> blobs = new HashSet<>();
    steps.values().forEach(step -> step.layer().ifPresent(layer -> blobs.add(layer.blob())));
    return blobs;
  }

  /** What the collector must leave. */
  public synchronized Set<ChainId> chains() {
    Set<ChainId> chains = new HashSet<>();
    steps.values().forEach(step -> step.layer().ifPresent(layer -> chains.add(layer.chain())));
    return chains;
  }

  private static ObjectNode document(CachedStep step) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("version", VERSION);
    document.put("key", step.key().toString());
    document.put("parent", step.parent().toString());
    document.put("description", step.description());
    document.put("created", step.created().toString());
    document.put("lastUsed", step.lastUsed().toString());
    document.put("uses", step.uses());
    step.layer()
        .ifPresent(
            layer -> {
              ObjectNode node = document.putObject("layer");
              node.put("blob", layer.blob().toString());
              node.put("sizeBytes", layer.sizeBytes());
              node.put("mediaType", layer.mediaType());
              node.put("diffId", layer.diffId().toString());
              node.put("chain", layer.chain().toString());
            });
    return document;
  }

  private static CachedStep parse(JsonNode document) throws IOException {
    if (document.path("version").asInt() != VERSION) {
      throw new IOException("it is of version " + document.path("version").asText("unknown"));
    }
    JsonNode layer = document.path("layer");
    return new CachedStep(
        Digest.parse(document.path("key").asText("")),
        Digest.parse(document.path("parent").asText("")),
        document.path("description").asText(""),
        layer.isObject() ? Optional.of(layer(layer)) : Optional.empty(),
        Instant.parse(document.path("created").asText("")),
        Instant.parse(document.path("lastUsed").asText("")),
        document.path("uses").asInt());
  }

  private static CachedLayer layer(JsonNode node) throws InvalidReferenceException {
    return new CachedLayer(
        Digest.parse(node.path("blob").asText("")),
        node.path("sizeBytes").asLong(),
        node.path("mediaType").asText(""),
        Digest.parse(node.path("diffId").asText("")),
        ChainId.parse(node.path("chain").asText("")));
  }
}
