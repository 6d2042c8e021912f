package io.gantry.image.build;

import io.gantry.image.ImageRecord;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.cache.CacheDirectories;
import io.gantry.image.build.cache.StepCache;
import io.gantry.image.dockerfile.Dockerfile;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.Slots;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Builds images. Keeps below its directory what it has cached ({@code steps}, {@code mounts}) and,
 * in {@code work}, what builds need on the way. Thread-safe.
 */
public final class Builder {
  private static final int STAGES_AT_A_TIME = 4;
  private static final String DEFAULT_DOCKERFILE = "Dockerfile";

  /** Where the context comes from. */
  public sealed interface Context {}

  /** An archive; read to its end, not closed. */
  public record Archive(InputStream stream) implements Context {}

  /** Something that is fetched: an archive, or a Dockerfile. */
  public record Remote(String url) implements Context {}

  private final ImageWorkshop workshop;
  private final StepCache steps;
  private final CacheDirectories directories;
  private final CacheUpkeep upkeep;
  private final LayerMaker layers;
  private final ImageWriter images;
  private final StepRunner runner;
  private final Path work;
  private final Executor threads;
  private final Clock clock;

  private Builder(
      ImageWorkshop workshop,
      StepCache steps,
      CacheDirectories directories,
      StepRunner runner,
      Path work,
      Executor threads,
      Clock clock) {
    this.workshop = workshop;
    this.steps = steps;
    this.directories = directories;
    this.upkeep = new CacheUpkeep(workshop, steps, directories);
    this.layers = new LayerMaker(workshop, work);
    this.images = new ImageWriter(workshop, clock);
    this.runner = runner;
    this.work = work;
    this.threads = threads;
    this.clock = clock;
  }

  /**
   * Opens the builder's directory, makes it if it is not there, and clears away what builds left
   * that a crash has ended.
   *
   * @param directory on the file system of the images
   * @param threads runs stages; must not bound their number
   * @param faults told of what leaves traces on disk
   */
  public static Builder open(
      ImageWorkshop workshop,
      Path directory,
      StepRunner runner,
      Executor threads,
      Clock clock,
      Steps faults)
      throws IOException {
    Path work = directory.resolve("work");
    workshop.trees().delete(Files.createDirectories(work));
    Files.createDirectories(work);
    StepCache steps = StepCache.open(directory.resolve("steps"), clock, faults);
    workshop.content().claims().add(steps::blobs);
    workshop.claimChains(steps::chains);
    return new Builder(
        workshop,
        steps,
        CacheDirectories.open(directory.resolve("mounts"), workshop.trees(), clock),
        runner,
        work,
        threads,
        clock);
  }

  /** What builds have left for later ones. */
  public CacheUpkeep cache() {
    return upkeep;
  }

  /**
   * Builds an image, and gives it its names when all is done.
   *
   * @throws BuildException if what was asked for cannot be built
   * @throws io.gantry.image.dockerfile.DockerfileException if the Dockerfile is faulty
   * @throws io.gantry.image.failure.ImageException CANCELLED if it was to stop; else as pulling
   *     does
   */
  public ImageRecord build(
      BuildRequest request, Context context, BuildOutput output, Cancellation cancellation)
      throws IOException {
    List<Reference> names = names(request.tags());
    if (!Build.isHere(request.platform(), workshop.platform())) {
      throw new BuildException(Build.otherPlatform(request.platform(), workshop.platform()));
    }
    // One of its own: stages stop each other by it.
    Cancellation own = new Cancellation();
    Path scratch = Files.createTempDirectory(work, "build");
    try (ImageWorkshop.Hold hold = workshop.hold()) {
      return cancellation.wait(
          own::cancel, () -> build(request, names, context, output, own, scratch, hold));
    } finally {
      workshop.trees().delete(scratch);
    }
  }

  private static List<Reference> names(List<String> tags) throws BuildException {
    List<Reference> names = new ArrayList<>();
    for (String tag : tags) {
      try {
        Reference name = Reference.parse(tag);
        if (name.repoTag().isEmpty()) {
          throw new BuildException("an image cannot be given a digest as its name: " + tag);
        }
        names.add(name);
      } catch (InvalidReferenceException e) {
        throw new BuildException(e.getMessage());
      }
    }
    return names;
  }

  private ImageRecord build(
      BuildRequest request,
      List<Reference> names,
      Context source,
      BuildOutput output,
      Cancellation cancellation,
      Path scratch,
      ImageWorkshop.Hold hold)
      throws IOException {
    try (ContextDirectory context =
        new Contexts(workshop, scratch, cancellation).open(source, request.dockerfile())) {
      String name = request.dockerfile().isEmpty() ? DEFAULT_DOCKERFILE : request.dockerfile();
      Dockerfile dockerfile = Dockerfile.parse(name, read(context, name));
      ignore(context, name);
      Session session =
          new Session(
              workshop,
              hold,
              request,
              output,
              cancellation,
              steps,
              directories,
              layers,
              images,
              new BaseImages(workshop, request, hold, cancellation),
              runner,
              context,
              new BuildVariables(
                  request.arguments(), dockerfile, workshop.platform(), request.target()),
              epoch(request),
              scratch,
              clock);
      Build build =
          new Build(
              session,
              dockerfile,
              cacheSources(request, session),
              new Slots(STAGES_AT_A_TIME, threads));
      Draft draft = build.run();
      build.warnOfUnusedArguments();
      cancellation.check();
      ImageRecord image =
          images.add(draft, names.stream().map(one -> one.repoTag().orElseThrow()).toList(), hold);
      output.words(Build.success(image));
      for (String tag : request.tags()) {
        boolean tagged = tag.lastIndexOf(':') > tag.lastIndexOf('/');
        output.words("Successfully tagged " + tag + (tagged ? "" : ":latest") + "\n");
      }
      return image;
    }
  }

  private static byte[] read(ContextDirectory context, String name) throws IOException {
    return context
        .read(name)
        .orElseThrow(
            () ->
                new BuildException(
                    "Cannot locate specified Dockerfile: " + name + " is not in the context"));
  }

  /** A Dockerfile may have an ignore file of its own, which goes before the context's. */
  private static void ignore(ContextDirectory context, String dockerfile) throws IOException {
    for (String name : List.of(dockerfile + ".dockerignore", ".dockerignore")) {
      Optional<byte[]> rules = context.read(name);
      if (rules.isPresent()) {
        context.prune(IgnoreRules.parse(name, rules.get()));
        return;
      }
    }
  }

  private static Optional<Instant> epoch(BuildRequest request) throws BuildException {
    String seconds = request.arguments().getOrDefault(BuildVariables.EPOCH, "");
    if (seconds.isEmpty()) {
      return Optional.empty();
    }
    if (!seconds.matches("[0-9]{1,11}")) {
      throw new BuildException(
          BuildVariables.EPOCH + " is seconds since 1970, not \"" + seconds + "\"");
    }
    return Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)));
  }

  private CacheSources cacheSources(BuildRequest request, Session session) throws IOException {
    List<Draft> sources = new ArrayList<>();
    for (String name : request.cacheFrom()) {
      Optional<ImageRecord> image = workshop.images().find(name);
      if (image.isPresent()) {
        sources.add(session.bases().draft(image.get()));
      }
    }
    return new CacheSources(sources);
  }
}
