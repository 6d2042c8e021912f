package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.INVALID_REFERENCE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.work.Cancellation;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Makes images of writable file systems: the layer, compressed, as one more blob; the documents
 * that name it; the unpacked layer for those who run it. Thread-safe.
 */
final class Commit {
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";

  /** Docker's names of layers by OCI's; the blobs are the same. */
  private static final Map<String, String> NAMES =
      Map.of(
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          LAYER,
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.oci.image.layer.v1.tar");

  private static final JsonMapper JSON = new JsonMapper();

  private final ContentStore content;
  private final ImageManifests manifests;
  private final OverlaySnapshots snapshots;
  private final LayerUnpacker unpacker;
  private final Platform platform;
  private final Path directory;

  /**
   * @param directory for layers on their way, on the content store's file system; what a crash left
   *     there goes
   */
  Commit(
      ContentStore content,
      OverlaySnapshots snapshots,
      LayerUnpacker unpacker,
      Platform platform,
      Path directory)
      throws IOException {
    this.content = content;
    this.manifests = new ImageManifests(content);
    this.snapshots = snapshots;
    this.unpacker = unpacker;
    this.platform = platform;
    this.directory = Files.createDirectories(directory);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
  }

  /** The layer's blob and what it unpacks to. */
  private record Layer(Digest diffId, Digest digest, long sizeBytes) {}

  /**
   * Makes the image; all that its record names is here afterwards, held by the lease.
   *
   * @return not yet among the images
   */
  ImageRecord make(CommitOrder order, Leases.Lease lease, Instant now) throws IOException {
    List<String> tags = tags(order.reference());
    List<Descriptor> below = order.base().isPresent() ? layers(order.base().get()) : List.of();
    ObjectNode document = document(order);
    Layer layer = layer(order.key(), lease);
    extend(document, order, layer, now);
    byte[] config = JSON.writeValueAsBytes(document);
    ImageDocument parsed = ImageDocument.parse("the new configuration", config);
    ChainId chain = unpack(order, layer, lease);
    Digest id = store(config, lease);
    byte[] manifest = manifest(id, config.length, below, layer);
    Digest manifestDigest = store(manifest, lease);
    List<Digest> blobs = new ArrayList<>(List.of(manifestDigest, id));
    long size = manifest.length + config.length + layer.sizeBytes();
    for (Descriptor one : below) {
      blobs.add(one.digest());
      size += one.sizeBytes();
    }
    blobs.add(layer.digest());
    return new ImageRecord(
        id,
        tags,
        List.of(),
        size,
        parsed.config(),
        Optional.of(chain),
        new String(config, StandardCharsets.UTF_8),
        Map.of(),
        blobs,
        false,
        now,
        new ImageRecord.Origin(
            Optional.of(
                new Descriptor(MANIFEST, manifestDigest, manifest.length, Optional.empty())),
            Optional.of(now),
            order.base().map(ImageRecord::id)));
  }

  private static List<String> tags(String name) throws ImageException {
    if (name.isEmpty()) {
      return List.of();
    }
    try {
      return List.of(
          Reference.parse(name)
              .repoTag()
              .orElseThrow(
                  () ->
                      new InvalidReferenceException(
                          "name", name, "an image made here has no digest yet")));
    } catch (InvalidReferenceException e) {
      throw new ImageException(INVALID_REFERENCE, e.getMessage(), e);
    }
  }

  private List<Descriptor> layers(ImageRecord base) throws IOException {
    return manifests
        .of(base)
        .map(Manifest.Image::layers)
        .orElseThrow(
            () ->
                new ImageException(
                    CORRUPT, "image " + base.id() + " has no manifest here: pull it again"));
  }

  private Layer layer(String key, Leases.Lease lease) throws IOException {
    Path file = Files.createTempFile(directory, "layer", ".tmp");
    try {
      Layer layer;
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        Hashed compressed = new Hashed(new BufferedOutputStream(Channels.newOutputStream(channel)));
        GZIPOutputStream gzip = new GZIPOutputStream(compressed, 64 << 10);
        Hashed plain = new Hashed(gzip);
        snapshots.writeLayer(key, plain);
        gzip.finish();
        compressed.flush();
        channel.force(true);
        layer = new Layer(plain.digest(), compressed.digest(), compressed.count);
      }
      lease.hold(layer.digest());
      content.adopt(file, layer.digest());
      return layer;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private ChainId unpack(CommitOrder order, Layer layer, Leases.Lease lease) throws IOException {
    Optional<ChainId> below = order.base().flatMap(ImageRecord::topChainId);
    ChainId chain =
        below
            .map(lower -> lower.then(layer.diffId()))
            .orElseGet(() -> ChainId.first(layer.diffId()));
    below.ifPresent(lease::hold);
    lease.hold(chain);
    snapshots.commit(
        chain,
        below,
        (tree, lower) -> {
          try (InputStream in = content.open(layer.digest())) {
            unpacker.unpack(in, layer.sizeBytes(), layer.diffId(), tree, lower, new Cancellation());
          }
        });
    return chain;
  }

  private ObjectNode document(CommitOrder order) throws IOException {
    ObjectNode document;
    if (order.base().isPresent()) {
      document = (ObjectNode) JSON.readTree(order.base().get().configJson());
      document.remove(List.of("container", "container_config", "docker_version", "id", "parent"));
    } else {
      document = JSON.createObjectNode();
      document.put("architecture", platform.architecture());
      document.put("os", "linux");
    }
    if (order.config().isPresent()) {
      JsonNode config;
      try {
        config = JSON.readTree(order.config().get());
      } catch (JsonProcessingException e) {
        throw new ImageException(CORRUPT, "the new config is no JSON: " + e.getOriginalMessage());
      }
      if (!config.isObject()) {
        throw new ImageException(CORRUPT, "the new config is no JSON object");
      }
      document.set("config", config);
    }
    return document;
  }

  private static void extend(ObjectNode document, CommitOrder order, Layer layer, Instant now) {
    document.put("created", now.toString());
    if (!order.author().isEmpty()) {
      document.put("author", order.author());
    }
    ObjectNode rootfs =
        document.path("rootfs").isObject()
            ? (ObjectNode) document.get("rootfs")
            : document.putObject("rootfs");
    rootfs.put("type", "layers");
    array(rootfs, "diff_ids").add(layer.diffId().toString());
    ObjectNode step = array(document, "history").addObject();
    step.put("created", now.toString());
    put(step, "author", order.author());
    put(step, "created_by", order.createdBy());
    put(step, "comment", order.comment());
  }

  private static ArrayNode array(ObjectNode in, String name) {
    return in.path(name).isArray() ? (ArrayNode) in.get(name) : in.putArray(name);
  }

  private static void put(ObjectNode in, String name, String value) {
    if (!value.isEmpty()) {
      in.put(name, value);
    }
  }

  private byte[] manifest(Digest config, long configBytes, List<Descriptor> below, Layer layer)
      throws IOException {
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MANIFEST);
    descriptor(manifest.putObject("config"), CONFIG, config, configBytes);
    ArrayNode layers = manifest.putArray("layers");
    for (Descriptor one : below) {
      descriptor(
          layers.addObject(),
          NAMES.getOrDefault(one.mediaType(), one.mediaType()),
          one.digest(),
          one.sizeBytes());
    }
    descriptor(layers.addObject(), LAYER, layer.digest(), layer.sizeBytes());
    return JSON.writeValueAsBytes(manifest);
  }

  private static void descriptor(ObjectNode to, String mediaType, Digest digest, long size) {
    to.put("mediaType", mediaType).put("digest", digest.toString()).put("size", size);
  }

  private Digest store(byte[] document, Leases.Lease lease) throws IOException {
    Digest digest = Digest.sha256(document);
    lease.hold(digest);
    content.write(digest, document);
    return digest;
  }

  /** Counts and hashes what is written through. */
  private static final class Hashed extends FilterOutputStream {
    private final MessageDigest hash = Digest.Algorithm.SHA256.start();
    private long count;

    Hashed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      hash.update(bytes, offset, length);
      count += length;
    }

    Digest digest() {
      return Digest.finish(Digest.Algorithm.SHA256, hash.digest());
    }
  }
}
