package io.gantry.image.build;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.ImageRecord;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.PullRequest;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Images that others are built on, or copied from. Thread-safe. */
final class BaseImages {
  private static final int DOCUMENT_LIMIT_BYTES = 4 << 20;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ImageWorkshop workshop;
  private final BuildRequest request;
  private final ImageWorkshop.Hold hold;
  private final Cancellation cancellation;

  BaseImages(
      ImageWorkshop workshop,
      BuildRequest request,
      ImageWorkshop.Hold hold,
      Cancellation cancellation) {
    this.workshop = workshop;
    this.request = request;
    this.hold = hold;
    this.cancellation = cancellation;
  }

  /** Finds an image, or pulls it. */
  Draft find(String name) throws IOException {
    Optional<ImageRecord> here = workshop.images().find(name);
    return draft(here.isPresent() && !request.pull() ? here.get() : pull(name));
  }

  private ImageRecord pull(String name) throws IOException {
    Reference reference;
    try {
      reference = Reference.parse(name);
    } catch (InvalidReferenceException e) {
      throw new BuildException(e.getMessage());
    }
    CompletableFuture<ImageRecord> pull =
        workshop
            .images()
            .pull(
                new PullRequest(
                    reference.toString(), request.credentials().apply(reference.host())));
    try {
      return cancellation.wait(() -> pull.cancel(true), pull::join);
    } catch (CancellationException e) {
      throw new ImageException(CANCELLED, "nobody waits for this any more", e);
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  /** An image as something to build on; it is held from now on. */
  Draft draft(ImageRecord image) throws IOException {
    image.blobs().forEach(hold::blob);
    image.topChainId().ifPresent(hold::chain);
    JsonNode document = MAPPER.readTree(image.configJson());
    List<Descriptor> blobs = manifest(image).layers();
    List<Digest> diffIds =
        ImageDocument.parse(
                "image " + image.id(), image.configJson().getBytes(StandardCharsets.UTF_8))
            .diffIds();
    List<CachedLayer> layers = new ArrayList<>();
    Optional<ChainId> below = Optional.empty();
    for (int i = 0; i < diffIds.size(); i++) {
      Digest diffId = diffIds.get(i);
      ChainId chain = below.map(under -> under.then(diffId)).orElseGet(() -> ChainId.first(diffId));
      Descriptor blob = blobs.get(i);
      layers.add(
          new CachedLayer(
              blob.digest(), blob.sizeBytes(), mediaType(blob.mediaType()), diffId, chain));
      below = Optional.of(chain);
    }
    if (below.isPresent() && !workshop.snapshots().hasChain(below.get())) {
      throw new ImageException(NOT_FOUND, "the layers of image " + image.id() + " are not here");
    }
    List<JsonNode> history = new ArrayList<>();
    document.path("history").forEach(history::add);
    return new Draft(
        platform(document),
        document.path("config") instanceof ObjectNode config
            ? config
            : JsonNodeFactory.instance.objectNode(),
        layers,
        history,
        document.path("author").asText(""),
        created(document));
  }

  private Platform platform(JsonNode document) {
    String architecture = document.path("architecture").asText("");
    return architecture.isEmpty()
        ? workshop.platform()
        : new Platform(
            document.path("os").asText("linux"), architecture, document.path("variant").asText(""));
  }

  private static Instant created(JsonNode document) {
    try {
      return Instant.parse(document.path("created").asText(""));
    } catch (DateTimeException none) {
      return Instant.EPOCH;
    }
  }

  /** The manifest of this very image among its documents. */
  private Manifest.Image manifest(ImageRecord image) throws IOException {
    for (Digest blob : image.blobs()) {
      if (!blob.equals(image.id()) && isSmall(blob)) {
        Optional<Manifest.Image> manifest = manifest(image, blob);
        if (manifest.isPresent()) {
          return manifest.get();
        }
      }
    }
    throw new ImageException(NOT_FOUND, "the manifest of image " + image.id() + " is not here");
  }

  private boolean isSmall(Digest blob) throws IOException {
    try (FileChannel channel = workshop.content().openChannel(blob)) {
      return channel.size() <= DOCUMENT_LIMIT_BYTES;
    }
  }

  private Optional<Manifest.Image> manifest(ImageRecord image, Digest blob) throws IOException {
    byte[] bytes = workshop.content().read(blob, DOCUMENT_LIMIT_BYTES);
    if (bytes.length == 0 || bytes[0] != '{') {
      return Optional.empty();
    }
    try {
      return ManifestParser.parse("blob " + blob, bytes, "") instanceof Manifest.Image manifest
              && manifest.config().digest().equals(image.id())
          ? Optional.of(manifest)
          : Optional.empty();
    } catch (ImageException another) {
      return Optional.empty();
    }
  }

  /** In OCI's words: manifests that are made here are OCI's. */
  private static String mediaType(String mediaType) {
    String docker = "application/vnd.docker.image.rootfs.diff.tar";
    if (!mediaType.startsWith(docker)) {
      return mediaType;
    }
    String compression = mediaType.substring(docker.length()).replace('.', '+');
    return "application/vnd.oci.image.layer.v1.tar" + compression;
  }
}
