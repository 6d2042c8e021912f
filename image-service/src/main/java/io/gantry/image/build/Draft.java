package io.gantry.image.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * An image as it stands after some step. Immutable.
 *
 * @param config the {@code config} object of its configuration; not to be changed
 * @param history the {@code history} of its configuration; not to be changed
 * @param author who made it, empty if nobody says so
 * @param created when the last step was carried out
 */
record Draft(
    Platform platform,
    ObjectNode config,
    List<CachedLayer> layers,
    List<JsonNode> history,
    String author,
    Instant created) {

  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

  Draft {
    layers = List.copyOf(layers);
    history = List.copyOf(history);
  }

  /** Nothing at all. */
  static Draft scratch(Platform platform) {
    return new Draft(
        platform, JsonNodeFactory.instance.objectNode(), List.of(), List.of(), "", Instant.EPOCH);
  }

  Optional<ChainId> chain() {
    return layers.isEmpty() ? Optional.empty() : Optional.of(layers.get(layers.size() - 1).chain());
  }

  /** The digest of what matters for later steps: configuration and files, and no times. */
  Digest state() {
    StringBuilder all = new StringBuilder();
    all.append(platform).append('\n').append(author).append('\n').append(config).append('\n');
    layers.forEach(layer -> all.append(layer.diffId()).append('\n'));
    return Digest.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** With another configuration. */
  Draft with(Consumer<ObjectNode> change) {
    ObjectNode changed = config.deepCopy();
    change.accept(changed);
    return new Draft(platform, changed, layers, history, author, created);
  }

  Draft withAuthor(String name) {
    return new Draft(platform, config, layers, history, name, created);
  }

  /** After one more step. */
  Draft then(Optional<CachedLayer> layer, String createdBy, Instant at) {
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.put("created", at.toString());
    entry.put("created_by", createdBy);
    if (!author.isEmpty()) {
      entry.put("author", author);
    }
    if (layer.isEmpty()) {
      entry.put("empty_layer", true);
    }
    List<JsonNode> longer = new ArrayList<>(history);
    longer.add(entry);
    List<CachedLayer> higher = new ArrayList<>(layers);
    layer.ifPresent(higher::add);
    return new Draft(platform, config, higher, longer, author, at);
  }

  /** The configuration document, which is the image. */
  byte[] document() {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("created", created.toString());
    if (!author.isEmpty()) {
      document.put("author", author);
    }
    document.put("architecture", platform.architecture());
    if (!platform.variant().isEmpty()) {
      document.put("variant", platform.variant());
    }
    document.put("os", platform.os());
    document.set("config", config);
    ObjectNode rootfs = document.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    layers.forEach(layer -> diffIds.add(layer.diffId().toString()));
    ArrayNode entries = document.putArray("history");
    history.forEach(entries::add);
    return document.toString().getBytes(StandardCharsets.UTF_8);
  }

  Digest id() {
    return Digest.sha256(document());
  }

  String text(String field) {
    return config.path(field).asText("");
  }

  List<String> strings(String field) {
    List<String> strings = new ArrayList<>();
    config.path(field).forEach(one -> strings.add(one.asText()));
    return strings;
  }

  /** The shell of this image's steps. */
  List<String> shell() {
    List<String> shell = strings("Shell");
    return shell.isEmpty() ? DEFAULT_SHELL : shell;
  }

  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String entry : strings("Env")) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        environment.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return environment;
  }

  Draft withEnvironment(Map<String, String> changes) {
    Map<String, String> all = environment();
    all.putAll(changes);
    return with(
        changed -> {
          ArrayNode array = changed.putArray("Env");
          all.forEach((name, value) -> array.add(name + "=" + value));
        });
  }

  Draft withStrings(String field, List<String> values) {
    return with(
        changed -> {
          ArrayNode array = changed.putArray(field);
          values.forEach(array::add);
        });
  }

  Draft withText(String field, String value) {
    return with(changed -> changed.put(field, value));
  }

  /** With more keys in one of the objects that are used as sets. */
  Draft withKeys(String field, List<String> keys) {
    return with(
        changed -> {
          Map<String, JsonNode> sorted = sorted(changed, field);
          keys.forEach(key -> sorted.put(key, JsonNodeFactory.instance.objectNode()));
          changed.putObject(field).setAll(sorted);
        });
  }

  Draft withLabels(Map<String, String> labels) {
    return with(
        changed -> {
          Map<String, JsonNode> sorted = sorted(changed, "Labels");
          labels.forEach(
              (name, value) -> sorted.put(name, JsonNodeFactory.instance.textNode(value)));
          changed.putObject("Labels").setAll(sorted);
        });
  }

  /** In the order of their names, so that the same things always make the same document. */
  private static Map<String, JsonNode> sorted(ObjectNode config, String field) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    config.path(field).properties().forEach(one -> sorted.put(one.getKey(), one.getValue()));
    return sorted;
  }

  Draft without(String field) {
    return with(changed -> changed.remove(field));
  }
}
