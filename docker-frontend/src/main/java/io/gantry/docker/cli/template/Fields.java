package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.List;
import java.util.Optional;

/** What a template is about: fields that are worked out when they are asked for. */
public interface Fields {
  /** All fields, in the order in which JSON shows them. */
  List<String> names();

  /** Empty if there is no field of that name. */
  Optional<Json> field(String name);

  /** A field that takes words, as {@code .Label "version"}. */
  default Optional<Json> field(String name, List<Json> words) {
    return Optional.empty();
  }

  /** A JSON document as fields. */
  static Fields of(Json document) {
    return new Document(document);
  }

  /** All fields as one object. */
  default Json all() {
    io.gantry.docker.cli.json.JsonObject object = new io.gantry.docker.cli.json.JsonObject();
    for (String name : names()) {
      field(name).ifPresent(value -> object.put(name, value));
    }
    return object.build();
  }

  /** Fields of a document. */
  record Document(Json document) implements Fields {
    @Override
    public List<String> names() {
      return List.copyOf(document.fields().keySet());
    }

    @Override
    public Optional<Json> field(String name) {
      return document.has(name) ? Optional.of(document.get(name)) : Optional.empty();
    }

    @Override
    public Json all() {
      return document;
    }
  }
}
