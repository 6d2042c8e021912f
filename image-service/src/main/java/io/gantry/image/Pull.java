package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.signature.Signatures;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One pull: from the name to the manifest, the configuration, the layers in the store, the chain of
 * unpacked layers, and the record.
 */
final class Pull {

  private static final int NESTING_LIMIT = 4;

  private final Reference reference;
  private final RemoteRepository repository;
  private final ContentStore content;
  private final BlobFetcher blobs;
  private final LayerCommits commits;
  private final Platform platform;
  private final Parallelism parallelism;
  private final Signatures signatures;
  private final PullOutline outline;
  private final Leases.Lease lease;
  private final Cancellation cancellation;
  // Everything of the image that is in the content store, in the order met.
  private final List<Digest> parts = new ArrayList<>();
  private long sizeBytes;

  Pull(
      Reference reference,
      RemoteRepository repository,
      PullParts tools,
      Platform platform,
      PullOutline outline,
      Leases.Lease lease,
      Cancellation cancellation) {
    this.reference = reference;
    this.repository = repository;
    this.content = tools.content();
    this.blobs = tools.blobs();
    this.commits = tools.commits();
    this.platform = platform;
    this.outline = outline;
    this.parallelism = tools.parallelism();
    this.signatures = tools.signatures();
    this.lease = lease;
    this.cancellation = cancellation;
  }

  /** What pulls have in common. */
  record PullParts(
      ContentStore content,
      BlobFetcher blobs,
      LayerCommits commits,
      Platform platform,
      Parallelism parallelism,
      Signatures signatures) {}

  /**
   * Asks what digest the reference stands for now, and whether that may be pulled.
   *
   * @return nothing if the registry does not say
   */
  Optional<Digest> currentDigest() throws IOException {
    if (signatures.acceptsAnything(reference)) {
      return repository.head(cancellation);
    }
    RemoteRepository.Document target = repository.resolve(cancellation);
    accepted(found(target));
    return Optional.of(target.digest());
  }

  /**
   * Fetches and unpacks; afterwards everything that the record names is here, held by the lease.
   */
  ImageRecord run(Clock clock) throws IOException {
    RemoteRepository.Document target = repository.resolve(cancellation);
    Manifest.Image image = accepted(found(target));
    ImageDocument document = configuration(image.config());
    if (document.diffIds().size() != image.layers().size()) {
      throw new ImageException(
          CORRUPT,
          reference
              + ": the manifest has "
              + image.layers().size()
              + " layers, the configuration "
              + document.diffIds().size());
    }
    Optional<ChainId> top = layers(image.layers(), document.diffIds());
    String json =
        new String(
            content.read(image.config().digest(), RemoteRepository.DOCUMENT_LIMIT_BYTES),
            StandardCharsets.UTF_8);
    return new ImageRecord(
        image.config().digest(),
        reference.repoTag().map(List::of).orElse(List.of()),
        List.of(reference.repoDigest(target.digest())),
        Math.max(1, sizeBytes),
        document.config(),
        top,
        json,
        image.annotations(),
        parts,
        false,
        clock.instant(),
        ImageRecord.Origin.of(descriptor(target)));
  }

  private Descriptor descriptor(RemoteRepository.Document target) throws ImageException {
    String mediaType =
        ManifestParser.mediaType(reference.toString(), target.bytes(), target.mediaType());
    return new Descriptor(mediaType, target.digest(), target.bytes().length, Optional.empty());
  }

  /**
   * What leads to the image, none of it kept yet.
   *
   * @param documents what the reference stands for first, the image's manifest last
   */
  private record Found(List<RemoteRepository.Document> documents, Manifest.Image image) {}

  /** Before anything is kept or fetched of an image, the policy must let it in. */
  private Manifest.Image accepted(Found found) throws IOException {
    List<Digest> signable =
        found.documents().stream().map(RemoteRepository.Document::digest).toList();
    signatures.check(reference, signable, repository, cancellation);
    for (RemoteRepository.Document document : found.documents()) {
      keep(document);
    }
    return found.image();
  }

  /**
   * Goes from an index to the image for this machine, through indexes within indexes if need be.
   */
  private Found found(RemoteRepository.Document target) throws IOException {
    List<RemoteRepository.Document> documents = new ArrayList<>(List.of(target));
    while (documents.size() <= NESTING_LIMIT) {
      RemoteRepository.Document document = documents.get(documents.size() - 1);
      Manifest manifest =
          ManifestParser.parse(
              reference + " (" + document.digest() + ")", document.bytes(), document.mediaType());
      if (manifest instanceof Manifest.Image image) {
        return new Found(documents, image);
      }
      List<Descriptor> entries = ((Manifest.Index) manifest).entries();
      Descriptor chosen =
          platform
              .choose(entries)
              .orElseThrow(
                  () ->
                      new ImageException(
                          UNSUPPORTED,
                          reference
                              + " has no image for "
                              + platform
                              + ", only for "
                              + Platform.describe(entries)));
      documents.add(manifest(chosen));
    }
    throw new ImageException(
        UNSUPPORTED,
        reference + " has indexes within indexes more than " + NESTING_LIMIT + " deep");
  }

  private RemoteRepository.Document manifest(Descriptor chosen) throws IOException {
    lease.hold(chosen.digest());
    if (content.has(chosen.digest())) {
      byte[] bytes = content.read(chosen.digest(), RemoteRepository.DOCUMENT_LIMIT_BYTES);
      return new RemoteRepository.Document(chosen.digest(), chosen.mediaType(), bytes);
    }
    return repository.manifest(chosen, cancellation);
  }

  private void keep(RemoteRepository.Document document) throws IOException {
    lease.hold(document.digest());
    content.write(document.digest(), document.bytes());
    count(document.digest(), document.bytes().length);
  }

  private void count(Digest part, long bytes) {
    if (!parts.contains(part)) {
      parts.add(part);
      sizeBytes += bytes;
    }
  }

  private ImageDocument configuration(Descriptor config) throws IOException {
    if (config.sizeBytes() > RemoteRepository.DOCUMENT_LIMIT_BYTES) {
      throw new ImageException(
          CORRUPT,
          reference
              + ": the configuration has "
              + config.sizeBytes()
              + " bytes, which is too many");
    }
    lease.hold(config.digest());
    await(blobs.document(repository, config));
    count(config.digest(), config.sizeBytes());
    return ImageDocument.parse(
        "configuration " + config.digest() + " of " + reference,
        content.read(config.digest(), RemoteRepository.DOCUMENT_LIMIT_BYTES));
  }

  /**
   * Downloads layers side by side and unpacks them side by side too, each as it comes. What a layer
   * stands on is committed before it.
   */
  private Optional<ChainId> layers(List<Descriptor> layers, List<Digest> diffIds)
      throws IOException {
    layers.forEach(layer -> lease.hold(layer.digest()));
    outline.reveal(outline(layers, diffIds));
    List<CompletableFuture<Void>> commits = new ArrayList<>();
    try (LayerDownloads downloads =
        LayerDownloads.start(
            layers, parallelism.downloadsPerImage(), layer -> blobs.layer(repository, layer))) {
      try {
        return commitAll(layers, diffIds, downloads, commits);
      } catch (IOException e) {
        // A layer that could not be unpacked may just have missed its bytes.
        throw downloads.failure().map(this::failure).orElse(e);
      }
    } finally {
      commits.forEach(commit -> commit.cancel(true));
    }
  }

  private PullOutline.Layers outline(List<Descriptor> layers, List<Digest> diffIds) {
    List<LayerCommits.Layer> all = new ArrayList<>();
    Set<ChainId> before = new HashSet<>();
    Optional<ChainId> below = Optional.empty();
    for (int i = 0; i < layers.size(); i++) {
      LayerCommits.Layer layer = new LayerCommits.Layer(below, layers.get(i), diffIds.get(i));
      all.add(layer);
      if (commits.has(layer.chain())) {
        before.add(layer.chain());
      }
      below = Optional.of(layer.chain());
    }
    return new PullOutline.Layers(all, before);
  }

  private Optional<ChainId> commitAll(
      List<Descriptor> layers,
      List<Digest> diffIds,
      LayerDownloads downloads,
      List<CompletableFuture<Void>> commits)
      throws IOException {
    Optional<ChainId> below = Optional.empty();
    CompletableFuture<Void> broken = downloads.broken();
    for (int i = 0; i < layers.size(); i++) {
      if (i >= parallelism.unpacksPerImage()) {
        await(CompletableFuture.anyOf(commits.get(i - parallelism.unpacksPerImage()), broken));
      }
      await(downloads.begun(i));
      LayerCommits.Layer layer = new LayerCommits.Layer(below, layers.get(i), diffIds.get(i));
      lease.hold(layer.chain());
      CompletableFuture<Void> commit = this.commits.commit(layer, repository);
      commit.whenComplete((done, failed) -> fail(broken, failed));
      commits.add(commit);
      below = Optional.of(layer.chain());
    }
    for (int i = 0; i < layers.size(); i++) {
      await(CompletableFuture.anyOf(commits.get(i), broken));
      await(downloads.arrival(i));
      count(layers.get(i).digest(), layers.get(i).sizeBytes());
    }
    return below;
  }

  /** The first failure of any layer ends the waiting for all. */
  private static void fail(CompletableFuture<Void> broken, Throwable failure) {
    if (failure != null) {
      broken.completeExceptionally(failure);
    }
  }

  /** Waits for shared work, and leaves it when this pull is to stop. */
  private <T> T await(CompletableFuture<T> work) throws IOException {
    try {
      return cancellation.wait(() -> work.cancel(true), work::join);
    } catch (CancellationException e) {
      throw new ImageException(
          CANCELLED, "pull " + reference + ": nobody waits for it any more", e);
    } catch (CompletionException e) {
      throw failure(e.getCause());
    }
  }

  private IOException failure(Throwable cause) {
    if (cause instanceof ImageException known) {
      String message =
          known.getMessage().startsWith(reference.toString())
              ? known.getMessage()
              : reference + ": " + known.getMessage();
      return new ImageException(known.kind(), message, known);
    }
    if (cause instanceof IOException io) {
      return new ImageException(STORAGE, reference + ": " + io.getMessage(), io);
    }
    return new IOException(reference + ": " + cause, cause);
  }
}
