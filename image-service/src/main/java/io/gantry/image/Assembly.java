package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import io.gantry.image.content.ContentStore;
import io.gantry.image.content.NewBlob;
import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.Document;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.graph.Reach;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestBuilder;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Images in the making: what is put in is held until it is closed, so that nobody collects it, and
 * goes at the close, or with the next daemon's start, unless an image was made of it. Confined to
 * one thread at a time; methods that wait end when that is interrupted.
 */
public final class Assembly implements AutoCloseable {

  /**
   * A layer whose blob is in the store.
   *
   * @param diffId what it unpacks to
   */
  public record Layer(Descriptor blob, Digest diffId) {}

  /** Writes a layer's uncompressed archive. */
  public interface LayerSource {
    /**
     * @param to not closed
     */
    void write(OutputStream to) throws IOException;
  }

  /** What assemblies have in common. */
  record Tools(
      ContentStore content,
      ImageGraph graph,
      OverlaySnapshots snapshots,
      LayerCommits commits,
      ImageRecords records,
      Platform platform,
      Parallelism parallelism,
      Clock clock) {}

  /** Ends an assembly. */
  interface Ending {
    /**
     * @param used whether an image was made of what it holds, all of it
     * @param held what that was
     */
    void end(boolean used, Leases.Held held);
  }

  private final Tools tools;
  private final Leases.Lease lease;
  private final Ending ending;
  private boolean used;

  Assembly(Tools tools, Leases.Lease lease, Ending ending) {
    this.tools = tools;
    this.lease = lease;
    this.ending = ending;
  }

  /** Keeps a blob, which may not be here yet, until the close. */
  public void hold(Digest blob) {
    lease.hold(blob);
  }

  /** Stores a new layer, as it is. */
  public Layer addLayer(LayerSource source) throws IOException {
    try (NewBlob blob = tools.content().receive()) {
      source.write(blob);
      Digest digest = blob.keep(lease::hold);
      String type = MediaTypes.layerType(new byte[0]);
      return new Layer(new Descriptor(type, digest, blob.size(), Optional.empty()), digest);
    }
  }

  /** Stores a document. */
  public Descriptor addDocument(String mediaType, byte[] bytes) throws IOException {
    Digest digest = Digest.sha256(bytes);
    lease.hold(digest);
    tools.content().write(digest, bytes);
    return new Descriptor(mediaType, digest, bytes.length, Optional.empty());
  }

  /** The layers of an image that is here, to build upon. */
  public List<Layer> layersOf(ImageRecord image) throws IOException {
    image.blobs().forEach(lease::hold);
    image.topChainId().ifPresent(lease::hold);
    Descriptor target = Contents.targetOf(image, tools.graph());
    Document manifest = Contents.manifestOf(image, target, tools.graph());
    List<Descriptor> blobs = manifest.summary().blobs();
    List<Digest> diffIds = configuration(image.id()).diffIds();
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      layers.add(new Layer(blobs.get(i + 1), diffIds.get(i)));
    }
    return layers;
  }

  /**
   * Makes an image of these layers, whose diff ids the configuration must name.
   *
   * @param config the whole document
   * @param names are taken from the images that had them
   * @param parent the image that it was made from
   */
  public ImageRecord compose(
      byte[] config, List<Layer> layers, List<Reference> names, Optional<Digest> parent)
      throws IOException, InterruptedException {
    Descriptor stored = addDocument(MediaTypes.OCI_CONFIG, config);
    List<Descriptor> blobs = layers.stream().map(Layer::blob).toList();
    byte[] manifest = ManifestBuilder.manifest(stored, blobs);
    return add(addDocument(MediaTypes.OCI_MANIFEST, manifest), names, parent);
  }

  /**
   * Makes an image of what is in the store: unpacks the layers, and writes the record.
   *
   * @param target a manifest, or an index with one for this machine
   * @throws ImageException CORRUPT if it does not hang together, UNSUPPORTED if it is for other
   *     machines
   */
  public ImageRecord add(Descriptor target, List<Reference> names, Optional<Digest> parent)
      throws IOException, InterruptedException {
    used = false;
    lease.hold(target.digest());
    if (!tools.content().has(target.digest())) {
      throw new ImageException(
          CORRUPT, "the manifest " + target.digest() + ", which is named, is not there");
    }
    Reach reach = tools.graph().reach(target);
    reach.here().forEach(lease::hold);
    Document document = choose(target, 0);
    Manifest.Image manifest = image(document);
    Digest id = manifest.config().digest();
    for (Descriptor blob : document.summary().blobs()) {
      if (!tools.content().has(blob.digest())) {
        throw new ImageException(
            CORRUPT, "image " + id + " lacks " + blob.digest() + ", which its manifest names");
      }
    }
    ImageDocument configuration = configuration(id);
    if (configuration.diffIds().size() != manifest.layers().size()) {
      throw new ImageException(
          CORRUPT,
          "image "
              + id
              + ": the manifest has "
              + manifest.layers().size()
              + " layers, the configuration "
              + configuration.diffIds().size());
    }
    Optional<ChainId> top = unpack(manifest.layers(), configuration.diffIds());
    Instant now = tools.clock().instant();
    ImageRecord record =
        new ImageRecord(
            id,
            names.stream().flatMap(name -> name.repoTag().stream()).sorted().distinct().toList(),
            List.of(),
            Math.max(1, tools.graph().reach(document.descriptor()).sizeBytes()),
            configuration.config(),
            top,
            new String(
                tools.content().read(id, RemoteRepository.DOCUMENT_LIMIT_BYTES),
                StandardCharsets.UTF_8),
            manifest.annotations(),
            reach.here(),
            false,
            now,
            new ImageRecord.Origin(
                Optional.of(tools.graph().read(target.digest(), target.mediaType()).descriptor()),
                names.isEmpty() ? Optional.empty() : Optional.of(now),
                parent));
    ImageRecord added = tools.records().add(record);
    used = true;
    return added;
  }

  private static Manifest.Image image(Document document) throws ImageException {
    Manifest manifest =
        ManifestParser.parse(
            "manifest " + document.descriptor().digest(),
            document.bytes(),
            document.descriptor().mediaType());
    if (manifest instanceof Manifest.Image image) {
      return image;
    }
    throw new ImageException(
        UNSUPPORTED, "document " + document.descriptor().digest() + " is no image");
  }

  /** From an index to the best of what is here for this machine. */
  private Document choose(Descriptor target, int depth) throws IOException {
    Document document = tools.graph().read(target.digest(), target.mediaType());
    if (!MediaTypes.isIndex(document.descriptor().mediaType()) || depth > 4) {
      return document;
    }
    List<Descriptor> here = new ArrayList<>();
    for (Descriptor entry : entries(document)) {
      if (tools.content().has(entry.digest())) {
        here.add(entry);
      }
    }
    Optional<Descriptor> chosen = tools.platform().choose(here);
    if (chosen.isEmpty()) {
      throw new ImageException(
          UNSUPPORTED,
          "index "
              + target.digest()
              + " has no image for "
              + tools.platform()
              + " with it, only for "
              + Platform.describe(here));
    }
    return choose(chosen.get(), depth + 1);
  }

  /** What an index points to, with the platforms that it says they are for. */
  private static List<Descriptor> entries(Document index) throws ImageException {
    Descriptor descriptor = index.descriptor();
    return ManifestParser.parse(
                "index " + descriptor.digest(), index.bytes(), descriptor.mediaType())
            instanceof Manifest.Index parsed
        ? parsed.entries()
        : List.of();
  }

  private ImageDocument configuration(Digest id) throws IOException {
    return ImageDocument.parse(
        "configuration " + id, tools.content().read(id, RemoteRepository.DOCUMENT_LIMIT_BYTES));
  }

  /** Some layers at a time; what a layer stands on is committed before it. */
  private Optional<ChainId> unpack(List<Descriptor> layers, List<Digest> diffIds)
      throws IOException, InterruptedException {
    List<CompletableFuture<Void>> commits = new ArrayList<>();
    Optional<ChainId> below = Optional.empty();
    try {
      for (int i = 0; i < layers.size(); i++) {
        if (i >= tools.parallelism().unpacksPerImage()) {
          await(commits.get(i - tools.parallelism().unpacksPerImage()));
        }
        LayerCommits.Layer layer = new LayerCommits.Layer(below, layers.get(i), diffIds.get(i));
        lease.hold(layer.chain());
        commits.add(tools.commits().commitStored(layer));
        below = Optional.of(layer.chain());
      }
      for (CompletableFuture<Void> commit : commits) {
        await(commit);
      }
      return below;
    } finally {
      commits.forEach(commit -> commit.cancel(true));
    }
  }

  private static void await(CompletableFuture<Void> work) throws IOException, InterruptedException {
    try {
      work.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  @Override
  public void close() {
    // An interrupted thread can write no file, and this one has to.
    boolean interrupted = Thread.interrupted();
    try {
      Leases.Held held = lease.held();
      lease.close();
      ending.end(used, held);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
