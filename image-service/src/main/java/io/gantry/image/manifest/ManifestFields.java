package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a manifest or index that anybody asks for, taken from the document as it is read: a
 * tree of 4 MiB of empty objects would be a hundred MB large.
 */
record ManifestFields(
    Optional<String> mediaType,
    Optional<Descriptor> config,
    Optional<List<Descriptor>> layers,
    Optional<List<Descriptor>> manifests,
    Optional<Descriptor> subject,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  private static final int ENTRY_LIMIT = 10_000;
  private static final int DEPTH_LIMIT = 64;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(DEPTH_LIMIT).build())
          // The parser would quote the document in its messages.
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  /**
   * @param what the document's name for messages
   * @throws ImageException CORRUPT if it is malformed
   */
  static ManifestFields read(String what, byte[] bytes) throws ImageException {
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      return new Reader(what, parser).document();
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(CORRUPT, what + " is not JSON: " + e.getMessage(), e);
    }
  }

  /** Goes through one document. */
  private static final class Reader {
    private final String what;
    private final JsonParser parser;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Descriptor> descriptors = new HashMap<>();
    private final Map<String, List<Descriptor>> lists = new HashMap<>();
    private Optional<Map<String, String>> annotations = Optional.empty();

    Reader(String what, JsonParser parser) {
      this.what = what;
      this.parser = parser;
    }

    ManifestFields document() throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw corrupt("it is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        field(name);
      }
      if (parser.nextToken() != null) {
        throw corrupt("something follows the document");
      }
      return new ManifestFields(
          text("mediaType"),
          Optional.ofNullable(descriptors.get("config")),
          Optional.ofNullable(lists.get("layers")),
          Optional.ofNullable(lists.get("manifests")),
          Optional.ofNullable(descriptors.get("subject")),
          text("artifactType"),
          annotations.orElse(Map.of()));
    }

    private Optional<String> text(String name) {
      return Optional.ofNullable(texts.get(name)).filter(text -> !text.isEmpty());
    }

    /** A field that is there twice would mean one thing to us and another to others. */
    private void field(String name) throws IOException {
      Object before = null;
      switch (name) {
        case "mediaType", "artifactType" -> before = texts.put(name, string(name).orElse(""));
        case "config", "subject" -> {
          if (parser.currentToken() != JsonToken.VALUE_NULL) {
            before = descriptors.put(name, descriptor(name));
          }
        }
        case "layers", "manifests" -> before = lists.put(name, list(name));
        case "annotations" -> {
          before = annotations.orElse(null);
          annotations = Optional.of(annotations());
        }
        default -> parser.skipChildren();
      }
      if (before != null) {
        throw corrupt(name + " is there twice");
      }
    }

    private Optional<String> string(String name) throws IOException {
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return Optional.empty();
      }
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw corrupt(name + " is not a string");
      }
      return Optional.of(parser.getText());
    }

    private List<Descriptor> list(String name) throws IOException {
      List<Descriptor> all = new ArrayList<>();
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return all;
      }
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw corrupt(name + " is not an array");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (all.size() == ENTRY_LIMIT) {
          throw corrupt("it has more than " + ENTRY_LIMIT + " " + name);
        }
        all.add(descriptor(name + "[" + all.size() + "]"));
      }
      return all;
    }

    private Descriptor descriptor(String name) throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw corrupt(name + " is not an object");
      }
      String mediaType = "";
      Optional<String> digest = Optional.empty();
      long size = -1;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "mediaType" -> mediaType = string(name + ".mediaType").orElse("");
          case "digest" -> digest = string(name + ".digest");
          case "size" -> size = size(name);
          default -> parser.skipChildren();
        }
      }
      if (digest.isEmpty() || size < 0) {
        throw corrupt(name + " has no digest, or no size in bytes");
      }
      try {
        return new Descriptor(mediaType, Digest.parse(digest.get()), size, Optional.empty());
      } catch (InvalidReferenceException e) {
        throw corrupt(name + ": " + e.getMessage());
      }
    }

    private long size(String name) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw corrupt(name + ".size is not a number of bytes");
      }
      return parser.getLongValue();
    }

    private Map<String, String> annotations() throws IOException {
      Map<String, String> all = new HashMap<>();
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return all;
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw corrupt("annotations is not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw corrupt("an annotation is not a string");
        }
        all.put(key, parser.getText());
        if (all.size() > ENTRY_LIMIT) {
          throw corrupt("it has more than " + ENTRY_LIMIT + " annotations");
        }
      }
      return all;
    }

    private ImageException corrupt(String why) {
      return new ImageException(CORRUPT, what + ": " + why);
    }
  }
}
