package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.push.Push;
import io.gantry.image.push.PushListener;
import io.gantry.image.push.PushPlan;
import io.gantry.image.push.PushPlanner;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.PushRepository;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Images on their way to registries. Thread-safe. */
public final class Pushes {

  /** For more the token that is asked for would grow without end. */
  private static final int MOUNT_SOURCES = 5;

  /**
   * A wish to have an image in a registry.
   *
   * @param destination with a tag
   * @param credentials for that registry
   */
  public record Request(ImageRecord image, Reference destination, Credentials credentials) {
    public Request {
      Objects.requireNonNull(image);
      Objects.requireNonNull(credentials);
      if (destination.repoTag().isEmpty()) {
        throw new IllegalArgumentException(
            destination + " has a digest, so it cannot be pushed to");
      }
    }
  }

  /**
   * What the tag stands for now.
   *
   * @param unchanged it did so before
   */
  public record Result(Descriptor pushed, boolean unchanged) {}

  private final ContentStore content;
  private final ImageGraph graph;
  private final ImageRecords records;
  private final Leases leases;
  private final RegistryClient registries;
  private final Executor threads;
  private final int uploads;

  /**
   * @param uploads of one image at a time
   */
  Pushes(
      ContentStore content,
      ImageGraph graph,
      ImageRecords records,
      Leases leases,
      RegistryClient registries,
      Executor threads,
      int uploads) {
    this.content = content;
    this.graph = graph;
    this.records = records;
    this.leases = leases;
    this.registries = registries;
    this.threads = threads;
    this.uploads = uploads;
  }

  /**
   * Begins a push.
   *
   * @return completes with what was pushed, or with an {@link ImageException}
   */
  public CompletableFuture<Result> begin(
      Request request, PushListener listener, Cancellation cancellation) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return push(request, listener, cancellation);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /**
   * Asks a registry whether it takes credentials.
   *
   * @throws ImageException UNAUTHORIZED if it does not
   */
  public void login(String registry, Credentials credentials, Cancellation cancellation)
      throws IOException {
    registries.login(registry, credentials, cancellation);
  }

  private Result push(Request request, PushListener listener, Cancellation cancellation)
      throws IOException {
    ImageRecord image = request.image();
    Reference destination = request.destination();
    try (Leases.Lease lease = leases.open()) {
      image.blobs().forEach(lease::hold);
      Descriptor target = target(image, destination);
      Map<Digest, List<String>> mountable = mountable(image, destination);
      PushRepository repository = open(request, mountable);
      PushPlan plan = new PushPlanner(graph).plan(target, repository, listener, cancellation);
      Push push =
          new Push(
              content,
              threads,
              new Push.Destination(repository, destination.tag().orElseThrow(), mountable, uploads),
              listener,
              cancellation);
      boolean changed = push.run(plan);
      Descriptor pushed = plan.top().descriptor();
      records.addRepoDigest(image.id(), destination.repoDigest(pushed.digest()));
      return new Result(pushed, !changed);
    }
  }

  private PushRepository open(Request request, Map<Digest, List<String>> mountable)
      throws ImageException {
    Set<String> others = new LinkedHashSet<>();
    mountable.values().forEach(others::addAll);
    try {
      return registries.openForPush(
          request.destination(), request.credentials(), List.copyOf(others));
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(
          STORAGE,
          request.destination()
              + ": the registry's configuration cannot be used: "
              + e.getMessage(),
          e);
    }
  }

  /** What that repository has had before of the image, if it is here; else what its names mean. */
  private Descriptor target(ImageRecord image, Reference destination) throws IOException {
    Descriptor target = Contents.targetOf(image, graph);
    String before = destination.name() + "@";
    for (Digest blob : image.blobs()) {
      if (image.repoDigests().contains(before + blob)
          && !image.repoDigests().contains(before + target.digest())
          && content.has(blob)) {
        return graph.read(blob, "").descriptor();
      }
    }
    return target;
  }

  /** Repositories of the same registry that have a blob, as pulls and pushes have shown. */
  private Map<Digest, List<String>> mountable(ImageRecord image, Reference destination) {
    Map<Digest, List<String>> mountable = new HashMap<>();
    Set<String> sources = new LinkedHashSet<>();
    for (ImageRecord other : records.all()) {
      for (String repoDigest : other.repoDigests()) {
        Optional<String> repository = repositoryAt(destination, repoDigest);
        if (repository.isEmpty()
            || !sources.contains(repository.get()) && sources.size() == MOUNT_SOURCES) {
          continue;
        }
        List<Digest> shared = new ArrayList<>(other.blobs());
        shared.retainAll(image.blobs());
        for (Digest blob : shared) {
          sources.add(repository.get());
          List<String> all = mountable.computeIfAbsent(blob, any -> new ArrayList<>());
          if (!all.contains(repository.get())) {
            all.add(repository.get());
          }
        }
      }
    }
    return mountable;
  }

  private static Optional<String> repositoryAt(Reference destination, String repoDigest) {
    String host = destination.host() + "/";
    int at = repoDigest.indexOf('@');
    return repoDigest.startsWith(host) && at > 0
        ? Optional.of(repoDigest.substring(host.length(), at))
            .filter(repository -> !repository.equals(destination.repository()))
        : Optional.empty();
  }
}
