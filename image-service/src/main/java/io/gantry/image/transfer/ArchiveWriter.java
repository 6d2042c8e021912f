package io.gantry.image.transfer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.archive.TarWriter;
import io.gantry.image.content.ContentStore;
import io.gantry.image.graph.Document;
import io.gantry.image.graph.Reach;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.LayoutIndex;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Writes images as one archive that reads both ways: as an OCI image layout, and as what {@code
 * docker save} writes. Each blob is in it once, byte for byte.
 */
public final class ArchiveWriter {

  private static final String DEFAULT_REPOSITORIES = Reference.DEFAULT_HOST + "/library/";
  private static final String DEFAULT_HOST = Reference.DEFAULT_HOST + "/";
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * An image to write.
   *
   * @param target the document that stands for it
   * @param all what that leads to and is to be written
   * @param manifest the manifest of the image itself
   * @param names {@code host/repository:tag}
   */
  public record Image(Descriptor target, Reach all, Document manifest, List<String> names) {
    public Image {
      Objects.requireNonNull(target);
      Objects.requireNonNull(all);
      Objects.requireNonNull(manifest);
      names = List.copyOf(names);
    }
  }

  private final ContentStore content;

  public ArchiveWriter(ContentStore content) {
    this.content = content;
  }

  /**
   * Writes the whole archive, what it is made of first, so that it can be read as a stream.
   *
   * @param to not closed
   */
  public void write(List<Image> images, OutputStream to) throws IOException {
    TarWriter tar = new TarWriter(to);
    text(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    text(tar, "index.json", MAPPER.writeValueAsString(layoutIndex(images)));
    text(tar, "manifest.json", MAPPER.writeValueAsString(dockerManifest(images)));
    tar.directory("blobs", 0755);
    Set<String> algorithms = new HashSet<>();
    Set<Digest> written = new HashSet<>();
    for (Image image : images) {
      for (Digest blob : image.all().here()) {
        if (algorithms.add(blob.algorithm().prefix())) {
          tar.directory("blobs/" + blob.algorithm().prefix(), 0755);
        }
        if (written.add(blob)) {
          try (InputStream in = content.open(blob)) {
            tar.file(path(blob), content.sizeOf(blob), in);
          }
        }
      }
    }
    tar.finish();
  }

  private static void text(TarWriter tar, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    tar.file(name, bytes.length, new ByteArrayInputStream(bytes));
  }

  private static String path(Digest blob) {
    return "blobs/" + blob.algorithm().prefix() + "/" + blob.hex();
  }

  private static ObjectNode layoutIndex(List<Image> images) {
    ObjectNode index = MAPPER.createObjectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode manifests = index.putArray("manifests");
    for (Image image : images) {
      for (String name : image.names()) {
        ObjectNode annotations = entry(manifests, image.target()).putObject("annotations");
        annotations.put(LayoutIndex.IMAGE_NAME, name);
        annotations.put(LayoutIndex.REF_NAME, name);
      }
      if (image.names().isEmpty()) {
        entry(manifests, image.target());
      }
    }
    return index;
  }

  private static ObjectNode entry(ArrayNode manifests, Descriptor target) {
    ObjectNode entry = manifests.addObject();
    entry.put("mediaType", target.mediaType());
    entry.put("digest", target.digest().toString());
    entry.put("size", target.sizeBytes());
    return entry;
  }

  private static ArrayNode dockerManifest(List<Image> images) {
    ArrayNode manifest = MAPPER.createArrayNode();
    for (Image image : images) {
      List<Descriptor> blobs = image.manifest().summary().blobs();
      ObjectNode entry = manifest.addObject();
      entry.put("Config", path(blobs.get(0).digest()));
      ArrayNode tags = entry.putArray("RepoTags");
      image.names().forEach(name -> tags.add(familiar(name)));
      ArrayNode layers = entry.putArray("Layers");
      blobs.subList(1, blobs.size()).forEach(layer -> layers.add(path(layer.digest())));
    }
    return manifest;
  }

  /** As Docker writes names: without what it fills in itself. */
  private static String familiar(String name) {
    if (name.startsWith(DEFAULT_REPOSITORIES)) {
      return name.substring(DEFAULT_REPOSITORIES.length());
    }
    return name.startsWith(DEFAULT_HOST) ? name.substring(DEFAULT_HOST.length()) : name;
  }
}
