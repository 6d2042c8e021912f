package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.INVALID_REFERENCE;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Findings;
import io.gantry.image.content.ContentStore;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Platform;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.SharedWork;
import io.gantry.image.work.Slots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images on this machine's disk. */
public final class LocalImages implements Images {

  private static final Logger log = LoggerFactory.getLogger(LocalImages.class);

  private static final long CLOSE_SECONDS = 5;
  private static final long DELETION_SECONDS = 30;

  private final ImagesSettings settings;
  private final Clock clock;
  private final ContentStore content;
  private final OverlaySnapshots snapshots;
  private final ImageRecords records;
  private final RegistryClient registries;
  private final Leases leases = new Leases();
  private final PassingImages passing = new PassingImages();
  private final ImageWorkshop workshop;
  private final ExecutorService threads;
  private final ExecutorService deleter;
  private final Pull.PullParts parts;
  private final Commit commits;
  private final SharedWork<PullRequest, ImageRecord> pulls;
  private final StoreCheck.Parts checks;
  private final ReentrantLock checking = new ReentrantLock();
  private final AtomicLong removals = new AtomicLong();
  private final Map<PullRequest, PullOutline> outlines = new ConcurrentHashMap<>();
  private final ImageGraph graph;
  private final Assemblies assemblies;
  private volatile boolean closing;
  // Whether a pull was cancelled since the last began.
  private volatile boolean abandoned;

  private LocalImages(
      ImagesSettings settings,
      ContentStore content,
      OverlaySnapshots snapshots,
      ImageRecords records,
      RecordDirectory intents,
      LayerTrees trees,
      ExecutorService deleter,
      Clock clock)
      throws IOException {
    this.settings = settings;
    this.workshop = new ImageWorkshop(this, snapshots, trees, settings, leases, records, passing);
    this.deleter = deleter;
    this.clock = clock;
    this.content = content;
    this.snapshots = snapshots;
    this.records = records;
    // Unbounded here: pulls wait for downloads and commits, so a bound could have them wait for
    // each other for ever. Downloads of layers have bounds of their own.
    this.threads = Executors.newCachedThreadPool(named("gantry-image-"));
    Slots connections = new Slots(settings.parallelism().connections(), threads);
    this.registries =
        new RegistryClient(
            settings.hostDirectories(),
            settings.registry(),
            new NodeCredentials(settings.credentials()),
            connections::tryExecute);
    BlobFetcher blobs = new BlobFetcher(content, connections, threads, this::collectIfAbandoned);
    LayerUnpacker unpacker = new LayerUnpacker(settings.limits());
    LayerCommits unpacking =
        new LayerCommits(content, blobs, snapshots, unpacker, threads, this::collectIfAbandoned);
    this.parts =
        new Pull.PullParts(
            content,
            blobs,
            unpacking,
            settings.platform(),
            settings.parallelism(),
            settings.signatures());
    this.pulls = new SharedWork<>(threads, this::collectAfterCancellation);
    this.commits =
        new Commit(
            content, snapshots, unpacker, settings.platform(), settings.root().resolve("commits"));
    ImageManifests manifests = new ImageManifests(content);
    this.checks =
        new StoreCheck.Parts(
            content,
            snapshots,
            records,
            leases,
            unpacker,
            manifests,
            new BlobRecovery(content, manifests, registries, blobs));
    this.graph = new ImageGraph(content);
    this.assemblies =
        new Assemblies(
            intents,
            leases,
            new Assembly.Tools(
                content,
                graph,
                snapshots,
                unpacking,
                records,
                settings.platform(),
                settings.parallelism(),
                clock),
            new Assemblies.Collector() {
              @Override
              public void collect() throws IOException {
                LocalImages.this.collect();
              }

              @Override
              public void collectOf(Leases.Held left) throws IOException {
                LocalImages.this.collectOf(left);
              }
            });
  }

  private static ThreadFactory named(String prefix) {
    AtomicLong next = new AtomicLong();
    return task -> {
      Thread thread = new Thread(task, prefix + next.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Opens the images below the settings' root, makes the root if it is not there, and clears away
   * what a crash left half-made. What an interrupted pull had whole stays for the next one, until
   * something is removed. Removals that were interrupted are for {@link #finishRemovals}.
   *
   * @param steps told of what leaves traces on disk
   */
  public static LocalImages open(
      ImagesSettings settings, LayerTrees trees, Clock clock, Steps steps) throws IOException {
    Path root = settings.root();
    for (String part : List.of("content", "snapshots", "images", "commits")) {
      makePrivate(root.resolve(part));
    }
    ExecutorService deleter = Executors.newSingleThreadExecutor(named("gantry-image-deleter-"));
    return new LocalImages(
        settings,
        ContentStore.open(root.resolve("content"), steps),
        OverlaySnapshots.open(root.resolve("snapshots"), trees, deleter, steps),
        ImageRecords.open(root.resolve("images"), steps),
        RecordDirectory.open(root.resolve("assemblies"), "assembly", steps),
        trees,
        deleter,
        clock);
  }

  /**
   * Layers hold setuid programs and other people's files: nobody but us may reach them by path
   * (CVE-2021-41103).
   */
  private static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }

  @Override
  public CompletableFuture<ImageRecord> pull(PullRequest request) {
    return follow(request).result();
  }

  /** As {@link #pull}, to be watched. */
  public PullInProgress follow(PullRequest request) {
    PullOutline outline = outlines.computeIfAbsent(request, any -> new PullOutline());
    CompletableFuture<ImageRecord> result =
        pulls.join(
            request,
            cancellation -> {
              try {
                return pull(request, outline, cancellation);
              } finally {
                outlines.remove(request, outline);
              }
            });
    return new PullInProgress(result, outline, () -> states(outline));
  }

  private List<PullInProgress.LayerState> states(PullOutline outline) {
    List<PullInProgress.LayerState> states = new ArrayList<>();
    outline
        .layers()
        .ifPresent(
            found ->
                found
                    .layers()
                    .forEach(
                        layer -> states.add(state(layer, found.before().contains(layer.chain())))));
    return states;
  }

  private PullInProgress.LayerState state(LayerCommits.Layer layer, boolean before) {
    Descriptor blob = layer.blob();
    if (before) {
      return new PullInProgress.LayerState(
          blob, PullInProgress.Phase.ALREADY_THERE, blob.sizeBytes());
    }
    if (snapshots.hasChain(layer.chain())) {
      return new PullInProgress.LayerState(blob, PullInProgress.Phase.UNPACKED, blob.sizeBytes());
    }
    if (content.has(blob.digest())) {
      return new PullInProgress.LayerState(blob, PullInProgress.Phase.UNPACKING, blob.sizeBytes());
    }
    Optional<Long> received = content.received(blob.digest());
    return new PullInProgress.LayerState(
        blob,
        received.isPresent() ? PullInProgress.Phase.DOWNLOADING : PullInProgress.Phase.WAITING,
        received.orElse(0L));
  }

  /** Images on their way to registries. */
  public Pushes pushes() {
    return new Pushes(
        content,
        graph,
        records,
        leases,
        registries,
        threads,
        settings.parallelism().downloadsPerImage());
  }

  private ImageRecord pull(PullRequest request, PullOutline outline, Cancellation cancellation)
      throws IOException {
    abandoned = false;
    Reference reference;
    try {
      reference = Reference.parse(request.reference());
    } catch (InvalidReferenceException e) {
      throw new ImageException(INVALID_REFERENCE, e.getMessage(), e);
    }
    RemoteRepository repository;
    try {
      repository = registries.open(reference, request.credentials());
    } catch (IOException e) {
      throw new ImageException(
          STORAGE,
          reference + ": the registry's configuration cannot be used: " + e.getMessage(),
          e);
    }
    try (Leases.Lease lease = leases.open()) {
      Platform platform = request.platform().orElse(parts.platform());
      Pull pull = new Pull(reference, repository, parts, platform, outline, lease, cancellation);
      Optional<ImageRecord> current = current(reference, platform, pull);
      if (current.isPresent()) {
        outline.isCurrent();
      }
      return current.isPresent() ? current.get() : records.add(pull.run(clock));
    }
  }

  /**
   * The image that is here already, if the registry still means the same by its name: asked by
   * HEAD, which registries with quotas do not count, unless there are signatures to be looked at.
   */
  private Optional<ImageRecord> current(Reference reference, Platform platform, Pull pull)
      throws IOException {
    Optional<ImageRecord> known = records.byReference(reference);
    if (known.isEmpty() || !isFor(platform, known.get())) {
      return Optional.empty();
    }
    Optional<Digest> digest = pull.currentDigest();
    boolean same =
        digest.isPresent()
            && known.get().repoDigests().contains(reference.repoDigest(digest.get()));
    // Asked again: it may have been removed meanwhile, and what a record names is kept.
    return same && isWhole(known.get())
        ? records.byReference(reference).filter(image -> image.id().equals(known.get().id()))
        : Optional.empty();
  }

  private static boolean isFor(Platform platform, ImageRecord image) throws ImageException {
    return ImageDocument.platform(
            "configuration " + image.id(), image.configJson().getBytes(StandardCharsets.UTF_8))
        .map(platform::runs)
        .orElse(true);
  }

  private boolean isWhole(ImageRecord image) {
    return image.blobs().stream().allMatch(content::has)
        && image.topChainId().map(snapshots::hasChain).orElse(true);
  }

  /** Images that are elsewhere. */
  public RemoteImages remote() {
    return new RemoteImages(registries);
  }

  /** The names of images, and what is behind them. */
  public ImageNames names() {
    return new ImageNames(records, graph, snapshots, this::finishRemovals, clock);
  }

  /** Images as tar archives. */
  public ImageArchives archives() {
    return new ImageArchives(
        content, graph, leases, assemblies::begin, settings.limits(), settings.platform(), clock);
  }

  /**
   * Begins to make images here; the caller closes it.
   *
   * @throws java.io.UncheckedIOException if that cannot be noted on disk
   */
  public Assembly assemble() {
    return assemblies.begin();
  }

  /**
   * Frees what images in the making had brought when a daemon ended in the middle. To be called
   * once all who share the store have claimed what they rely on.
   */
  public void clearInterrupted() throws IOException {
    assemblies.clearInterrupted();
  }

  @Override
  public Optional<ImageRecord> find(String nameOrId) {
    return records.find(nameOrId).map(this::withPin).or(() -> passing.find(nameOrId));
  }

  /** For those who make images. */
  public ImageWorkshop workshop() {
    return workshop;
  }

  @Override
  public List<ImageRecord> list() {
    return records.all().stream().map(this::withPin).toList();
  }

  /** Whether an image is pinned is told by its names now, which come and go, as settings do. */
  private ImageRecord withPin(ImageRecord image) {
    return settings.pinned().get().fits(image) ? image.asPinned() : image;
  }

  @Override
  public void remove(String nameOrId) throws IOException {
    Optional<ImageRecord> image = records.find(nameOrId);
    if (image.isPresent()) {
      removals.incrementAndGet();
      records.beginRemoval(image.get());
    }
    finishRemovals();
    awaitDeletions();
  }

  /**
   * Waits until what was removed is gone from the disk: a kubelet that makes room looks at what it
   * has got right afterwards, and would evict pods for what is still to come. What takes too long
   * goes on by itself.
   */
  private void awaitDeletions() throws IOException {
    try {
      deleter.submit(() -> {}).get(DELETION_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | RejectedExecutionException later) {
      log.debug("what was removed is still being deleted");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends removals that an earlier process began. To be called once all those who keep blobs or
   * layers here have claimed them: what nobody claims is deleted.
   */
  public void finishRemovals() throws IOException {
    Set<Digest> leaving = records.leaving();
    if (!leaving.isEmpty()) {
      collect();
      records.forget(leaving);
    }
  }

  /**
   * What a pull had fetched before everybody left is nobody's; but a daemon that stops is asked
   * again by the same clients when it is back.
   */
  private void collectAfterCancellation() {
    abandoned = true;
    collectIfAbandoned();
  }

  /**
   * For the parts of a pull, which may end after it. Those of a pull that failed are left as well,
   * but what they have brought is not nobody's: whoever is told of the failure asks again.
   */
  private void collectIfAbandoned() {
    if (closing || !abandoned) {
      return;
    }
    try {
      collect();
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("what a cancelled pull has fetched cannot be deleted; the next removal tries again");
    }
  }

  /**
   * Verifies every blob, every layer of an image and every record. One check runs at a time.
   *
   * @param repair whether to set damaged ones aside and fetch or make them again
   * @param findings told of each flaw, after its repair was tried
   * @throws InterruptedException if the thread is interrupted, or the listener says so
   */
  public CheckSummary check(boolean repair, Findings findings)
      throws IOException, InterruptedException {
    checking.lockInterruptibly();
    long removalsBefore = removals.get();
    try {
      return new StoreCheck(checks, repair, findings).run();
    } finally {
      checking.unlock();
      if (removals.get() != removalsBefore) {
        collect(); // What was held for the check when its image was removed.
      }
    }
  }

  /** Deletes what no image, no pull under way, no container's file system and no other claims. */
  public void collect() throws IOException {
    sweep(
        (blobs, chains) -> {
          content.retainOnly(blobs);
          snapshots.retainOnly(chains);
        });
  }

  /** The same, but looks at nothing else than these. */
  private void collectOf(Leases.Held left) throws IOException {
    sweep(
        (blobs, chains) -> {
          Set<Digest> unclaimed = new HashSet<>(left.blobs());
          unclaimed.removeAll(blobs);
          content.discard(unclaimed);
          Set<ChainId> kept = new HashSet<>(snapshots.committed());
          kept.removeAll(left.chains());
          kept.addAll(chains);
          snapshots.retainOnly(kept);
        });
  }

  /** Has the sweep done with what is needed. */
  private void sweep(Leases.Sweep sweep) throws IOException {
    leases.sweep(
        (heldBlobs, heldChains) ->
            content
                .claims()
                .sweep(
                    claimed -> {
                      Set<Digest> blobs = new HashSet<>(heldBlobs);
                      Set<ChainId> chains = new HashSet<>(heldChains);
                      blobs.addAll(claimed);
                      for (ImageRecord image : records.all()) {
                        blobs.addAll(image.blobs());
                        image.topChainId().ifPresent(chains::add);
                      }
                      sweep.run(blobs, chains);
                    }));
  }

  /**
   * The store in which the images' blobs lie, for those who keep other blobs there. They must claim
   * what they rely on.
   */
  public ContentStore content() {
    return content;
  }

  /**
   * Makes an image of a writable file system.
   *
   * @throws ImageException INVALID_REFERENCE for a name that is none; CORRUPT for a configuration
   *     that is none; NOT_FOUND if there is no file system of that key
   */
  public ImageRecord commit(CommitOrder order) throws IOException {
    try (Leases.Lease lease = leases.open()) {
      return records.add(commits.make(order, lease, clock.instant()));
    }
  }

  /** As {@link OverlaySnapshots#changes}. */
  public void changes(String key, OverlaySnapshots.ChangeSink sink) throws IOException {
    snapshots.changes(key, sink);
  }

  /** As {@link OverlaySnapshots#export}. */
  public void export(String key, OutputStream to) throws IOException {
    snapshots.export(key, to);
  }

  /** As {@link OverlaySnapshots#copyDirectory}. */
  public boolean copyDirectory(String key, String path, LayerTree target) throws IOException {
    return snapshots.copyDirectory(key, path, target);
  }

  @Override
  public ImagesUsage usage() throws IOException {
    DiskUsage blobs = new DiskUsage(content.usedBytes(), content.usedInodes());
    Path snapshotsRoot = settings.root().resolve("snapshots");
    return new ImagesUsage(
        settings.root(),
        blobs.plus(snapshots.layersUsage()),
        snapshotsRoot,
        snapshots.writableUsage());
  }

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public void close() {
    closing = true;
    pulls.cancelAll();
    threads.shutdown();
    try {
      // Whoever opens the same directories next must have them alone.
      threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    deleter.shutdownNow();
  }
}
