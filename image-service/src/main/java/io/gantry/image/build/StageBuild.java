package io.gantry.image.build;

import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.build.cache.CachedStep;
import io.gantry.image.dockerfile.Dockerfile;
import io.gantry.image.dockerfile.DockerfileException;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Carries out the instructions of one stage. Confined to one thread. */
final class StageBuild {
  private static final String KEY_VERSION = "gantry build step 1\n";

  /** Makes a step's layer; none if it changes no files. */
  private interface Change {
    Optional<CachedLayer> make() throws IOException;
  }

  /** Tells of the steps of all stages. */
  interface Progress {
    void begins(String instruction);
  }

  private final Session session;
  private final RunMounts.Stages stages;
  private final Progress progress;
  private final CacheSources cacheSources;
  private final StageScope scope;
  private boolean ownCommand;

  StageBuild(
      Session session, RunMounts.Stages stages, CacheSources cacheSources, Progress progress) {
    this.session = session;
    this.stages = stages;
    this.cacheSources = cacheSources;
    this.progress = progress;
    this.scope = new StageScope(session.variables());
  }

  /**
   * Carries the stage out.
   *
   * @param base what it is built on
   * @param labels what is said of the image by who asked for it
   */
  Draft run(Dockerfile.Stage stage, Draft base, String baseName, Map<String, String> labels)
      throws IOException {
    progress.begins(stage.from().origin().text());
    Draft draft = base;
    tellId(draft);
    List<String> triggers = base.strings("OnBuild");
    if (!triggers.isEmpty()) {
      session
          .output()
          .words(
              "# Executing "
                  + triggers.size()
                  + " build trigger"
                  + (triggers.size() == 1 ? "" : "s")
                  + "\n");
      draft = draft.without("OnBuild");
      for (String trigger : triggers) {
        draft = carryOut(Dockerfile.parseTrigger(baseName, trigger), draft);
      }
    }
    for (Instruction instruction : stage.instructions()) {
      progress.begins(instruction.origin().text());
      draft = carryOut(instruction, draft);
    }
    if (!labels.isEmpty()) {
      ConfigStep step = ConfigStep.labels(draft, new TreeMap<>(labels));
      progress.begins(step.description());
      draft = config(draft, step);
    }
    return draft;
  }

  /** Names the instruction in what goes wrong. */
  private Draft carryOut(Instruction instruction, Draft before) throws IOException {
    session.cancellation().check();
    try {
      return step(instruction, before);
    } catch (DockerfileException known) {
      throw known;
    } catch (BuildException e) {
      DockerfileException placed =
          instruction.origin().error(instruction.keyword() + " failed: " + e.getMessage(), e);
      throw new BuildException(placed.getMessage(), e.exitCode(), placed);
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CANCELLED) {
        throw e;
      }
      throw new ImageException(
          e.kind(),
          instruction
              .origin()
              .error(instruction.keyword() + " failed: " + e.getMessage(), e)
              .getMessage(),
          e);
    } catch (IOException e) {
      throw new IOException(
          instruction
              .origin()
              .error(instruction.keyword() + " failed: " + e.getMessage(), e)
              .getMessage(),
          e);
    }
  }

  private Draft step(Instruction instruction, Draft before) throws IOException {
    Expansion expansion = new Expansion(instruction.origin(), scope.in(before));
    if (instruction instanceof Instruction.Arg arg) {
      scope.declare(arg, before);
      tellId(before);
      return before;
    }
    if (instruction instanceof Instruction.Run run) {
      return run(run, before, expansion);
    }
    if (instruction instanceof Instruction.Copy copy) {
      return copy(copy, before, expansion);
    }
    if (instruction instanceof Instruction.Workdir workdir) {
      return workdir(workdir, before, expansion);
    }
    Draft after = config(before, ConfigStep.of(instruction, before, expansion, ownCommand));
    ownCommand |= instruction instanceof Instruction.Cmd;
    return after;
  }

  private Draft config(Draft before, ConfigStep step) throws IOException {
    return step(
        before,
        step.draft(),
        "CONFIG " + step.draft().state(),
        step.description(),
        Optional::empty);
  }

  private static String workdir(Draft draft) {
    String workdir = draft.text("WorkingDir");
    return workdir.isEmpty() ? "/" : workdir;
  }

  private Draft run(Instruction.Run run, Draft before, Expansion expansion) throws IOException {
    try (RunMounts.Prepared mounts =
        new RunMounts(session, expansion, stages, workdir(before)).prepare(run)) {
      RunStep step = new RunStep(session, run, before, scope.forPrograms(before));
      return step(
          before,
          before,
          step.canonical(mounts),
          step.description(),
          () -> Optional.of(step.make(mounts)));
    }
  }

  private Draft copy(Instruction.Copy copy, Draft before, Expansion expansion) throws IOException {
    return session
        .workshop()
        .snapshots()
        .reading(
            before.chain(),
            image -> {
              if (copy.from().isPresent()) {
                Draft from = stages.find(expansion.of(copy.from().get()));
                return session
                    .workshop()
                    .snapshots()
                    .reading(
                        from.chain(), sources -> copy(copy, before, expansion, image, sources));
              }
              try (LayerTree context =
                  session.workshop().trees().open(session.context().directory())) {
                return copy(copy, before, expansion, image, new MergedTree(List.of(context)));
              }
            });
  }

  private Draft copy(
      Instruction.Copy copy,
      Draft before,
      Expansion expansion,
      MergedTree image,
      MergedTree sources)
      throws IOException {
    try (CopyStep step = new CopyStep(session, copy, expansion)) {
      LayerContent content = step.plan(image, sources, workdir(before));
      Digest digest = content.digest(session.cancellation());
      String destination = expansion.of(copy.destination());
      return step(
          before,
          before,
          copy.keyword() + " " + digest,
          copy.keyword() + " " + digest + " in " + destination,
          () -> Optional.of(layer(before, content)));
    }
  }

  private CachedLayer layer(Draft before, LayerContent content) throws IOException {
    return session
        .layers()
        .make(
            before.chain(),
            session.hold(),
            out -> content.write(session.form(Set.of()), out),
            session.cancellation());
  }

  /** The directory is made if it is not there. */
  private Draft workdir(Instruction.Workdir instruction, Draft before, Expansion expansion)
      throws IOException {
    String path = expansion.of(instruction.path());
    if (path.isEmpty()) {
      throw instruction.origin().error("WORKDIR needs a path: the argument is empty");
    }
    String absolute =
        "/"
            + ByteNames.shown(
                ByteNames.clean(
                    ByteNames.of(path.startsWith("/") ? path : workdir(before) + "/" + path)));
    Draft after = before.withText("WorkingDir", absolute);
    return session
        .workshop()
        .snapshots()
        .reading(
            before.chain(),
            image -> {
              FileCopy files =
                  new FileCopy(
                      image,
                      new FileCopy.Manner(
                          Optional.empty(),
                          Owner.ROOT,
                          Optional.empty(),
                          IgnoreRules.of(List.of()),
                          true,
                          session.fileTime()));
              files.directories(files.resolve(ByteNames.of(absolute)));
              return step(
                  before,
                  after,
                  "WORKDIR " + absolute,
                  "WORKDIR " + absolute,
                  () ->
                      files.content().isEmpty()
                          ? Optional.empty()
                          : Optional.of(layer(before, files.content())));
            });
  }

  /**
   * Does a step, or takes what an earlier build has left of it.
   *
   * @param after the image with the step's configuration
   * @param canonical all that its result depends on beside the image
   * @param description for the history
   */
  private Draft step(Draft before, Draft after, String canonical, String description, Change change)
      throws IOException {
    Digest parent = before.state();
    String epoch = session.epoch().map(Instant::toString).orElse("");
    Digest key =
        Digest.sha256(
            (KEY_VERSION + epoch + "\n" + parent + "\n" + canonical)
                .getBytes(StandardCharsets.UTF_8));
    session.cache().hold(key);
    try {
      Optional<Draft> cached = cached(key, before, after, description);
      if (cached.isPresent()) {
        session.output().words(" ---> Using cache\n");
        tellId(cached.get());
        return cached.get();
      }
      Optional<CachedLayer> layer = change.make();
      Instant at = session.now();
      session.cache().put(new CachedStep(key, parent, description, layer, at, at, 0));
      Draft done = after.then(layer, description, at);
      tellId(done);
      return done;
    } finally {
      session.cache().release(key);
    }
  }

  private Optional<Draft> cached(Digest key, Draft before, Draft after, String description)
      throws IOException {
    if (session.request().noCache()) {
      return Optional.empty();
    }
    Optional<CachedStep> known = session.cache().use(key);
    if (known.isPresent()) {
      Optional<CachedLayer> layer = known.get().layer();
      if (layer.isEmpty()) {
        return Optional.of(after.then(layer, description, known.get().created()));
      }
      session.hold().blob(layer.get().blob());
      if (session.workshop().content().has(layer.get().blob())) {
        return Optional.of(
            after.then(
                Optional.of(placed(before, layer.get())), description, known.get().created()));
      }
    }
    Optional<CacheSources.Step> offered = cacheSources.find(before, description);
    if (offered.isEmpty()) {
      return Optional.empty();
    }
    Optional<CachedLayer> layer = offered.get().layer();
    if (layer.isPresent()) {
      layer = Optional.of(placed(before, layer.get()));
    }
    return Optional.of(after.then(layer, description, offered.get().created()));
  }

  private CachedLayer placed(Draft before, CachedLayer layer) throws IOException {
    return session.layers().above(before.chain(), layer, session.hold(), session.cancellation());
  }

  private void tellId(Draft draft) {
    session.output().words(" ---> " + RunStep.shortened(draft.id().toString()) + "\n");
  }
}
