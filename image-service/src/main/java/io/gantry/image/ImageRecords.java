package io.gantry.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which images are here, in memory and on disk: {@code images/HEX.json}, one document per image.
 * The document of an image that is being removed stays, marked so, until its content is gone: a
 * crash in between must not leave content that nobody asks for again. Thread-safe.
 */
final class ImageRecords {

  private static final int VERSION = 1;
  private static final int SHORTEST_PREFIX = 3;

  private final RecordDirectory directory;
  // Guarded by this; written to disk under the lock as well, for the order of writes must be that
  // of changes.
  private final Map<Digest, ImageRecord> images = new LinkedHashMap<>();
  // Guarded by this: those whose removal has begun.
  private final Set<Digest> leaving = new LinkedHashSet<>();

  private ImageRecords(RecordDirectory directory) {
    this.directory = directory;
  }

  static ImageRecords open(Path path, Steps steps) throws IOException {
    ImageRecords records = new ImageRecords(RecordDirectory.open(path, "image", steps));
    for (Map.Entry<String, JsonNode> document : records.directory.readAll().entrySet()) {
      try {
        ImageRecord image = parse(document.getValue());
        if (document.getValue().path("leaving").asBoolean(false)) {
          records.leaving.add(image.id());
        } else {
          records.images.put(image.id(), image);
        }
      } catch (IOException | IllegalArgumentException | DateTimeException e) {
        records.directory.setAside(document.getKey(), e.getMessage());
      }
    }
    records.settleTags();
    return records;
  }

  /**
   * A crash while a tag moved may have left it with two images; the one that got it last has it.
   */
  private void settleTags() throws IOException {
    List<ImageRecord> youngestFirst = new ArrayList<>(images.values());
    youngestFirst.sort(Comparator.comparing(ImageRecord::namedAt).reversed());
    for (ImageRecord image : youngestFirst) {
      // As it is now: a younger one may have taken its tags.
      for (String tag : images.get(image.id()).repoTags()) {
        takeTag(tag, image.id());
      }
    }
  }

  /**
   * Adds an image, or new names to one that is here. Its tags are taken from whichever image had
   * them.
   *
   * @return the record as it is now, with the names of earlier pulls
   */
  synchronized ImageRecord add(ImageRecord pulled) throws IOException {
    ImageRecord known = images.get(pulled.id());
    ImageRecord merged = known == null ? pulled : merge(known, pulled);
    store(merged);
    for (String tag : pulled.repoTags()) {
      takeTag(tag, pulled.id());
    }
    return merged;
  }

  private static ImageRecord merge(ImageRecord known, ImageRecord pulled) {
    TreeSet<String> tags = new TreeSet<>(known.repoTags());
    tags.addAll(pulled.repoTags());
    TreeSet<String> digests = new TreeSet<>(known.repoDigests());
    digests.addAll(pulled.repoDigests());
    TreeSet<String> blobs = new TreeSet<>();
    known.blobs().forEach(blob -> blobs.add(blob.toString()));
    List<Digest> allBlobs = new ArrayList<>(known.blobs());
    pulled.blobs().stream().filter(blob -> !blobs.contains(blob.toString())).forEach(allBlobs::add);
    return new ImageRecord(
        pulled.id(),
        List.copyOf(tags),
        List.copyOf(digests),
        pulled.sizeBytes(),
        pulled.config(),
        pulled.topChainId(),
        pulled.configJson(),
        pulled.annotations(),
        allBlobs,
        known.pinned(),
        pulled.pulledAt(),
        new ImageRecord.Origin(
            pulled.origin().target().or(known.origin()::target),
            known.origin().taggedAt().or(pulled.origin()::taggedAt),
            known.origin().parent().or(pulled.origin()::parent)));
  }

  /**
   * Gives an image a name, which is taken from whichever image had it.
   *
   * @return the record as it is now; nothing if the image is gone
   */
  synchronized Optional<ImageRecord> tag(Digest id, String tag, Instant now) throws IOException {
    ImageRecord image = images.get(id);
    if (image == null) {
      return Optional.empty();
    }
    TreeSet<String> tags = new TreeSet<>(image.repoTags());
    tags.add(tag);
    ImageRecord tagged =
        image.named(
            List.copyOf(tags),
            image.repoDigests(),
            new ImageRecord.Origin(
                image.origin().target(), Optional.of(now), image.origin().parent()));
    store(tagged);
    takeTag(tag, id);
    return Optional.of(tagged);
  }

  /** Notes that a repository holds an image; does nothing if the image is gone. */
  synchronized void addRepoDigest(Digest id, String repoDigest) throws IOException {
    ImageRecord image = images.get(id);
    if (image != null && !image.repoDigests().contains(repoDigest)) {
      TreeSet<String> digests = new TreeSet<>(image.repoDigests());
      digests.add(repoDigest);
      store(image.named(image.repoTags(), List.copyOf(digests), image.origin()));
    }
  }

  /** What became of a name. */
  record Untagged(ImageRecord image, boolean wasLast) {}

  /**
   * Takes a name from the image that has it, and with the last tag of a repository what is known of
   * its digests there. With its last name the image's removal begins.
   *
   * @return nothing if no image has that name
   */
  synchronized Optional<Untagged> untag(Reference reference) throws IOException {
    Optional<ImageRecord> found = byReference(reference);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ImageRecord image = found.get();
    String repository = reference.name();
    List<String> tags = image.repoTags();
    List<String> digests = image.repoDigests();
    if (reference.digest().isPresent()) {
      String gone = reference.repoDigest(reference.digest().get());
      digests = digests.stream().filter(digest -> !digest.equals(gone)).toList();
    } else {
      String gone = reference.repoTag().orElse("");
      tags = tags.stream().filter(tag -> !tag.equals(gone)).toList();
      if (tags.stream().noneMatch(tag -> repositoryOf(tag).equals(repository))) {
        digests = digests.stream().filter(d -> !repositoryOf(d).equals(repository)).toList();
      }
    }
    boolean last = tags.isEmpty() && digests.isEmpty();
    if (last) {
      beginRemoval(image);
    } else {
      store(image.named(tags, digests, image.origin()));
    }
    return Optional.of(new Untagged(image, last));
  }

  private static String repositoryOf(String name) {
    int at = name.indexOf('@');
    return at >= 0 ? name.substring(0, at) : name.substring(0, name.lastIndexOf(':'));
  }

  private void takeTag(String tag, Digest owner) throws IOException {
    for (ImageRecord image : List.copyOf(images.values())) {
      if (!image.id().equals(owner) && image.repoTags().contains(tag)) {
        List<String> left = image.repoTags().stream().filter(other -> !other.equals(tag)).toList();
        store(image.named(left, image.repoDigests(), image.origin()));
      }
    }
  }

  private void store(ImageRecord image) throws IOException {
    if (images.containsKey(image.id())) {
      directory.write(image.id().hex(), document(image));
    } else {
      directory.add(image.id().hex(), document(image));
    }
    images.put(image.id(), image);
    leaving.remove(image.id());
  }

  /** From now on the image is not here; its document goes by {@link #forget}. */
  synchronized void beginRemoval(ImageRecord image) throws IOException {
    try {
      directory.write(image.id().hex(), document(image).put("leaving", true));
    } catch (IOException e) {
      // On a full disk nothing can be written, and it is now that an image must be removable.
      directory.delete(image.id().hex());
    }
    images.remove(image.id());
    leaving.add(image.id());
  }

  /** The images whose removal has begun, by this daemon or an earlier one, and is not finished. */
  synchronized Set<Digest> leaving() {
    return Set.copyOf(leaving);
  }

  /** Ends the removal of images whose content is gone, but of those that have come back. */
  synchronized void forget(Set<Digest> gone) throws IOException {
    for (Digest id : gone) {
      if (leaving.contains(id)) {
        directory.delete(id.hex());
        leaving.remove(id);
      }
    }
  }

  /**
   * What is wrong with the records on disk, by their names.
   *
   * @param repair whether to write them anew
   */
  synchronized Map<String, String> check(boolean repair) throws IOException {
    Map<String, ObjectNode> expected = new LinkedHashMap<>();
    images.values().forEach(image -> expected.put(image.id().hex(), document(image)));
    Map<String, String> flaws = new LinkedHashMap<>();
    for (Map.Entry<String, String> flaw : directory.flaws(expected).entrySet()) {
      flaws.put(directory.shown(flaw.getKey()), flaw.getValue());
      if (repair) {
        directory.write(flaw.getKey(), expected.get(flaw.getKey()));
      }
    }
    return flaws;
  }

  synchronized Collection<ImageRecord> all() {
    return List.copyOf(images.values());
  }

  /**
   * The image of that name: a reference first, since a short id could be a repository's name, then
   * an id or its beginning.
   */
  Optional<ImageRecord> find(String nameOrId) {
    Optional<ImageRecord> named = byReference(nameOrId);
    return named.isPresent() ? named : byId(nameOrId);
  }

  private Optional<ImageRecord> byReference(String name) {
    Reference reference;
    try {
      reference = Reference.parse(name);
    } catch (InvalidReferenceException noReference) {
      return Optional.empty();
    }
    return byReference(reference);
  }

  Optional<ImageRecord> byReference(Reference reference) {
    Optional<String> digest = reference.digest().map(reference::repoDigest);
    for (ImageRecord image : all()) {
      boolean matches =
          digest.isPresent()
              ? image.repoDigests().contains(digest.get())
              : image.repoTags().contains(reference.repoTag().orElse(""));
      if (matches) {
        return Optional.of(image);
      }
    }
    return Optional.empty();
  }

  private Optional<ImageRecord> byId(String text) {
    String prefix = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
    if (prefix.length() < SHORTEST_PREFIX) {
      return Optional.empty();
    }
    List<ImageRecord> found =
        all().stream().filter(image -> image.id().hex().startsWith(prefix)).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  private static ObjectNode document(ImageRecord image) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("version", VERSION);
    document.put("id", image.id().toString());
    strings(document.putArray("repoTags"), image.repoTags());
    strings(document.putArray("repoDigests"), image.repoDigests());
    document.put("sizeBytes", image.sizeBytes());
    image.topChainId().ifPresent(chain -> document.put("topChainId", chain.toString()));
    document.put("configJson", image.configJson());
    ObjectNode annotations = document.putObject("annotations");
    image.annotations().forEach(annotations::put);
    strings(document.putArray("blobs"), image.blobs().stream().map(Digest::toString).toList());
    document.put("pinned", image.pinned());
    document.put("pulledAt", image.pulledAt().toString());
    image.origin().target().ifPresent(target -> put(document.putObject("target"), target));
    image.origin().taggedAt().ifPresent(at -> document.put("taggedAt", at.toString()));
    image.origin().parent().ifPresent(parent -> document.put("parent", parent.toString()));
    return document;
  }

  private static void put(ObjectNode object, Descriptor target) {
    object.put("mediaType", target.mediaType());
    object.put("digest", target.digest().toString());
    object.put("sizeBytes", target.sizeBytes());
  }

  private static ImageRecord.Origin origin(JsonNode document) throws IOException {
    JsonNode target = document.path("target");
    String taggedAt = document.path("taggedAt").asText("");
    String parent = document.path("parent").asText("");
    return new ImageRecord.Origin(
        target.isObject()
            ? Optional.of(
                new Descriptor(
                    target.path("mediaType").asText(""),
                    Digest.parse(target.path("digest").asText("")),
                    target.path("sizeBytes").asLong(),
                    Optional.empty()))
            : Optional.empty(),
        taggedAt.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(taggedAt)),
        parent.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(parent)));
  }

  private static void strings(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }

  private static ImageRecord parse(JsonNode document) throws IOException {
    if (document.path("version").asInt() != VERSION) {
      throw new IOException("it is of version " + document.path("version").asText("unknown"));
    }
    String configJson = document.path("configJson").asText("");
    String chain = document.path("topChainId").asText("");
    List<Digest> blobs = new ArrayList<>();
    for (String blob : strings(document.path("blobs"))) {
      blobs.add(Digest.parse(blob));
    }
    return new ImageRecord(
        Digest.parse(document.path("id").asText("")),
        strings(document.path("repoTags")),
        strings(document.path("repoDigests")),
        document.path("sizeBytes").asLong(),
        ImageDocument.parse(
                "the recorded configuration", configJson.getBytes(StandardCharsets.UTF_8))
            .config(),
        chain.isEmpty() ? Optional.empty() : Optional.of(ChainId.parse(chain)),
        configJson,
        texts(document.path("annotations")),
        blobs,
        document.path("pinned").asBoolean(false),
        Instant.parse(document.path("pulledAt").asText("")),
        origin(document));
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static List<String> strings(JsonNode array) {
    List<String> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asText()));
    return values;
  }
}
