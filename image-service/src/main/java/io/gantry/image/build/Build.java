package io.gantry.image.build;

import io.gantry.image.ImageRecord;
import io.gantry.image.dockerfile.Dockerfile;
import io.gantry.image.dockerfile.Dockerfile.Stage;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction;
import io.gantry.image.dockerfile.RunMount;
import io.gantry.image.dockerfile.Word;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** One build: the stages that its target needs, each as soon as those that it needs are done. */
final class Build {
  private static final String SCRATCH = "scratch";

  private final Session session;
  private final Dockerfile dockerfile;
  private final Executor executor;
  private final CacheSources cacheSources;
  private final Map<Integer, CompletableFuture<Draft>> results = new ConcurrentHashMap<>();
  private final Map<String, Draft> images = new ConcurrentHashMap<>();
  private final AtomicInteger stepsBegun = new AtomicInteger();

  /**
   * @param executor runs the stages; what it bounds are those that are at work
   */
  Build(Session session, Dockerfile dockerfile, CacheSources cacheSources, Executor executor) {
    this.session = session;
    this.dockerfile = dockerfile;
    this.cacheSources = cacheSources;
    this.executor = executor;
  }

  /** Builds the target. */
  Draft run() throws IOException {
    Stage target =
        dockerfile
            .stage(session.request().target())
            .orElseThrow(
                () ->
                    new BuildException(
                        dockerfile.file().name()
                            + " has no stage \""
                            + session.request().target()
                            + "\" to build"));
    Map<Integer, Set<Integer>> needs = needs(target);
    int steps = session.request().labels().isEmpty() ? 0 : 1;
    for (int index : needs.keySet()) {
      steps += 1 + dockerfile.stages().get(index).instructions().size();
    }
    // In the order of the file: a stage needs earlier ones only.
    for (Map.Entry<Integer, Set<Integer>> one : needs.entrySet()) {
      results.put(one.getKey(), begin(one.getKey(), one.getValue(), target, steps));
    }
    return await(target);
  }

  /** Each stage that is needed, with those that it needs itself. */
  private Map<Integer, Set<Integer>> needs(Stage target) throws IOException {
    Map<Integer, Set<Integer>> needs = new TreeMap<>();
    List<Stage> left = new ArrayList<>(List.of(target));
    while (!left.isEmpty()) {
      Stage stage = left.remove(left.size() - 1);
      if (!needs.containsKey(stage.index())) {
        Set<Integer> direct = direct(stage);
        needs.put(stage.index(), direct);
        direct.forEach(index -> left.add(dockerfile.stages().get(index)));
      }
    }
    return needs;
  }

  private Set<Integer> direct(Stage stage) throws IOException {
    Set<Integer> direct = new LinkedHashSet<>();
    dockerfile
        .before(baseName(stage), stage.index())
        .filter(base -> base.from().name().isPresent())
        .ifPresent(base -> direct.add(base.index()));
    for (Instruction instruction : stage.instructions()) {
      for (String name : sources(instruction)) {
        dockerfile.before(name, stage.index()).ifPresent(from -> direct.add(from.index()));
        boolean later =
            dockerfile.before(name, stage.index()).isEmpty() && dockerfile.stage(name).isPresent();
        if (later) {
          throw instruction
              .origin()
              .error("the stage " + name + " is this one or comes later: it cannot be copied from");
        }
      }
    }
    return direct;
  }

  /** The stages and images whose files an instruction uses. */
  private static List<String> sources(Instruction instruction) {
    List<String> names = new ArrayList<>();
    if (instruction instanceof Instruction.Copy copy) {
      copy.from().map(Word::raw).ifPresent(names::add);
    } else if (instruction instanceof Instruction.Run run) {
      for (RunMount mount : run.mounts()) {
        mount.option("from").ifPresent(names::add);
      }
    }
    return names;
  }

  private String baseName(Stage stage) throws IOException {
    String name =
        new Expansion(stage.from().origin(), session.variables()).of(stage.from().image());
    if (name.isEmpty()) {
      throw stage
          .from()
          .origin()
          .error(
              "the image's name is empty: \""
                  + stage.from().image().raw()
                  + "\"; ARG before FROM, with a value, or --build-arg, gives it one");
    }
    return name;
  }

  private CompletableFuture<Draft> begin(int index, Set<Integer> needs, Stage target, int steps) {
    CompletableFuture<?>[] before =
        needs.stream().map(results::get).toArray(CompletableFuture<?>[]::new);
    Stage stage = dockerfile.stages().get(index);
    CompletableFuture<Draft> result =
        CompletableFuture.allOf(before)
            .thenApplyAsync(
                ready -> {
                  try {
                    return carryOut(stage, stage == target, steps);
                  } catch (IOException e) {
                    throw new CompletionException(e);
                  }
                },
                executor);
    result.whenComplete(
        (draft, failure) -> {
          if (failure != null) {
            session.cancellation().cancel();
          }
        });
    return result;
  }

  private Draft carryOut(Stage stage, boolean isTarget, int steps) throws IOException {
    session.cancellation().check();
    String baseName = baseName(stage);
    checkPlatform(stage);
    Draft base;
    try {
      base = base(stage, baseName);
    } catch (ImageException | BuildException e) {
      if (e instanceof ImageException image && image.kind() == ImageException.Kind.CANCELLED) {
        throw e;
      }
      String words = stage.from().origin().error(e.getMessage(), e).getMessage();
      throw e instanceof ImageException image
          ? new ImageException(image.kind(), words, e)
          : new BuildException(words);
    }
    return new StageBuild(
            session,
            name -> source(name, stage),
            cacheSources,
            instruction ->
                session
                    .output()
                    .words(
                        "Step %d/%d : %s\n"
                            .formatted(stepsBegun.incrementAndGet(), steps, instruction)))
        .run(stage, base, baseName, isTarget ? session.request().labels() : Map.of());
  }

  private void checkPlatform(Stage stage) throws IOException {
    if (stage.from().platform().isEmpty()) {
      return;
    }
    String platform =
        new Expansion(stage.from().origin(), session.variables()).of(stage.from().platform().get());
    if (!isHere(platform)) {
      throw stage.from().origin().error(otherPlatform(platform));
    }
  }

  private boolean isHere(String platform) {
    return isHere(platform, session.workshop().platform());
  }

  /** Whether a platform is this machine's. */
  static boolean isHere(String platform, Platform here) {
    String[] parts = platform.toLowerCase(Locale.ROOT).split("/");
    String architecture = parts.length > 1 ? parts[1] : parts[0];
    boolean os = parts.length == 1 || parts[0].equals(here.os());
    boolean variant =
        parts.length < 3 || parts[2].equals(here.variant()) || here.variant().isEmpty();
    return platform.isEmpty()
        || platform.equals(here.os())
        || os && variant && architecture.equals(here.architecture());
  }

  private String otherPlatform(String platform) {
    return otherPlatform(platform, session.workshop().platform());
  }

  static String otherPlatform(String platform, Platform here) {
    return "images for "
        + platform
        + " cannot be built here: this machine is "
        + here
        + ", and builds run on it";
  }

  private Draft base(Stage stage, String name) throws IOException {
    Optional<Stage> earlier =
        dockerfile.before(name, stage.index()).filter(base -> base.from().name().isPresent());
    if (earlier.isPresent()) {
      return results.get(earlier.get().index()).join();
    }
    return name.equals(SCRATCH) ? Draft.scratch(session.workshop().platform()) : image(name);
  }

  /** A stage before this one, which is done, or an image. */
  private Draft source(String name, Stage stage) throws IOException {
    Optional<Stage> earlier = dockerfile.before(name, stage.index());
    if (earlier.isPresent()) {
      return results.get(earlier.get().index()).join();
    }
    if (name.equals(SCRATCH)) {
      throw new BuildException("there are no files in scratch to copy from");
    }
    return image(name);
  }

  private Draft image(String name) throws IOException {
    Draft known = images.get(name);
    if (known == null) {
      known = session.bases().find(name);
      images.put(name, known);
    }
    return known;
  }

  /** Waits for all, so that nothing runs on when a build is over. */
  private Draft await(Stage target) throws IOException {
    IOException failure = null;
    for (CompletableFuture<Draft> result : results.values()) {
      try {
        result.join();
      } catch (CompletionException e) {
        failure = worse(failure, e.getCause());
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results.get(target.index()).join();
  }

  /** The first that is not just the end of others' failure. */
  private static IOException worse(IOException known, Throwable cause) {
    Throwable root = cause instanceof CompletionException wrapped ? wrapped.getCause() : cause;
    IOException failure = root instanceof IOException io ? io : new IOException(root);
    boolean knownSays =
        known != null
            && !(known instanceof ImageException image
                && image.kind() == ImageException.Kind.CANCELLED);
    return knownSays ? known : failure;
  }

  /** For who reads: what was given and not used. */
  void warnOfUnusedArguments() {
    Set<String> unused = session.variables().unused();
    if (!unused.isEmpty()) {
      session.output().words("[Warning] One or more build-args " + unused + " were not consumed\n");
    }
  }

  /** Ends with the words that tools look for. */
  static String success(ImageRecord image) {
    return "Successfully built " + RunStep.shortened(image.id().toString()) + "\n";
  }
}
