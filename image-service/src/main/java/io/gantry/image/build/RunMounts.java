package io.gantry.image.build;

import io.gantry.image.build.FileSelection.Selected;
import io.gantry.image.build.StepRunner.StepMount;
import io.gantry.image.build.cache.CacheDirectories;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction.Run;
import io.gantry.image.dockerfile.RunMount;
import io.gantry.image.dockerfile.Word;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.work.Cancellation;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes ready what {@code RUN --mount} asks for. Confined to one thread. */
final class RunMounts {

  /** Where the files of other stages and images are. */
  interface Stages {
    /** The stage or image of that name, finished. */
    Draft find(String name) throws IOException;
  }

  /**
   * What is ready; closing it lets go of it.
   *
   * @param canonical what the step's result depends on
   */
  record Prepared(List<StepMount> mounts, String canonical, List<Closeable> open)
      implements Closeable {
    @Override
    public void close() throws IOException {
      for (int i = open.size() - 1; i >= 0; i--) {
        open.get(i).close();
      }
      open.clear();
    }
  }

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kKmMgG]?)[bB]?");

  private final Session session;
  private final Expansion expansion;
  private final Stages stages;
  private final String workdir;
  private final List<StepMount> mounts = new ArrayList<>();
  private final List<Closeable> open = new ArrayList<>();
  private final StringBuilder canonical = new StringBuilder();

  RunMounts(Session session, Expansion expansion, Stages stages, String workdir) {
    this.session = session;
    this.expansion = expansion;
    this.stages = stages;
    this.workdir = workdir;
  }

  /** Makes all of an instruction's mounts ready. */
  Prepared prepare(Run run) throws IOException {
    Prepared prepared = null;
    try {
      for (RunMount mount : run.mounts()) {
        add(mount);
      }
      prepared = new Prepared(List.copyOf(mounts), canonical.toString(), open);
      return prepared;
    } finally {
      if (prepared == null) {
        new Prepared(List.of(), "", open).close();
      }
    }
  }

  private void add(RunMount mount) throws IOException {
    switch (mount.type()) {
      case CACHE -> cache(mount);
      case BIND -> bind(mount);
      case TMPFS -> {
        String target = target(mount);
        canonical.append("tmpfs ").append(target).append('\n');
        mounts.add(new StepRunner.MemoryMount(target, size(value(mount, "size").orElse("0"))));
      }
      case SECRET -> secret(mount);
    }
  }

  private Optional<String> value(RunMount mount, String option) throws IOException {
    Optional<String> raw = mount.option(option);
    return raw.isEmpty() ? raw : Optional.of(expansion.of(new Word(raw.get(), mount.place())));
  }

  private String target(RunMount mount) throws IOException {
    String target = value(mount, "target").orElse("");
    String path = ByteNames.clean(target.startsWith("/") ? target : workdir + "/" + target);
    if (path.isEmpty()) {
      throw new BuildException("nothing can be mounted over the whole image: target=" + target);
    }
    return "/" + path;
  }

  private static boolean flag(RunMount mount, String option) {
    return mount.option(option).map(word -> word.equals("true") || word.equals("1")).orElse(false);
  }

  private static int number(RunMount mount, String option, int radix, int otherwise)
      throws BuildException {
    Optional<String> text = mount.option(option);
    try {
      return text.isEmpty() ? otherwise : Integer.parseInt(text.get(), radix);
    } catch (NumberFormatException e) {
      throw new BuildException("--mount: " + option + " is no number: " + text.get());
    }
  }

  private static long size(String text) throws BuildException {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new BuildException("--mount: size is no size: " + text);
    }
    int shift =
        switch (matcher.group(2).toLowerCase()) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return Long.parseLong(matcher.group(1)) << shift;
  }

  private void secret(RunMount mount) throws IOException {
    if (mount.option("env").isPresent()) {
      throw new BuildException("--mount=type=secret,env=… is not supported: use a file, target=…");
    }
    String id = value(mount, "id").orElse(ByteNames.base(value(mount, "target").orElse("")));
    if (id.isEmpty()) {
      throw new BuildException("--mount=type=secret needs an id");
    }
    byte[] content = session.request().secrets().get(id);
    if (content == null) {
      if (flag(mount, "required")) {
        throw new BuildException("the secret \"" + id + "\" is required and was not given");
      }
      return;
    }
    String target = mount.option("target").isPresent() ? target(mount) : "/run/secrets/" + id;
    mounts.add(
        new StepRunner.SecretMount(
            target,
            content,
            number(mount, "uid", 10, 0),
            number(mount, "gid", 10, 0),
            number(mount, "mode", 8, 0400)));
    canonical.append("secret ").append(id).append(' ').append(target).append('\n');
  }

  private void cache(RunMount mount) throws IOException {
    String target = target(mount);
    String id = value(mount, "id").orElse(target);
    CacheDirectories.Sharing sharing = RunStep.sharing(mount.option("sharing").orElse("shared"));
    Thread self = Thread.currentThread();
    CacheDirectories.Use use =
        session.cancellation().wait(self::interrupt, () -> take(id, sharing));
    open.add(use::close);
    if (use.isNew()) {
      begin(mount, use.directory());
    }
    mounts.add(new StepRunner.HostMount(target, use.directory(), flag(mount, "readonly")));
    canonical.append("cache ").append(id).append(' ').append(target).append('\n');
  }

  private CacheDirectories.Use take(String id, CacheDirectories.Sharing sharing)
      throws IOException {
    try {
      return session.cacheDirectories().take(id, sharing);
    } catch (InterruptedException e) {
      session.cancellation().check();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the cache \"" + id + "\"", e);
    }
  }

  /** What a new cache directory begins with. */
  private void begin(RunMount mount, Path directory) throws IOException {
    if (mount.option("from").isPresent()) {
      Draft from = stages.find(value(mount, "from").get());
      String source = value(mount, "source").orElse("/");
      session
          .workshop()
          .snapshots()
          .reading(
              from.chain(),
              tree -> {
                copyOut(new FileSelection(tree).find(source).get(0), directory);
                return null;
              });
    }
    try (LayerTree tree = session.workshop().trees().open(directory)) {
      tree.setMetadata(
          "",
          new Metadata(
              number(mount, "uid", 10, 0),
              number(mount, "gid", 10, 0),
              number(mount, "mode", 8, 0755),
              session.fileTime(),
              Map.of()));
    }
  }

  private void bind(RunMount mount) throws IOException {
    String target = target(mount);
    String source = value(mount, "source").orElse("");
    boolean writable = flag(mount, "readwrite");
    canonical.append("bind ").append(target).append(' ').append(writable).append(' ');
    if (mount.option("from").isPresent()) {
      Draft from = stages.find(value(mount, "from").get());
      canonical.append(from.chain()).append(' ').append(source).append('\n');
      session
          .workshop()
          .snapshots()
          .reading(
              from.chain(),
              tree -> {
                Selected found = new FileSelection(tree).find(source).get(0);
                mounts.add(
                    writable
                        ? copied(found, target)
                        : new StepRunner.ImageMount(
                            target, session.images().passing(from), ByteNames.shown(found.path())));
                return null;
              });
      if (!writable) {
        var loan = session.workshop().lend(session.images().passing(from));
        open.add(loan::close);
      }
      return;
    }
    Path context = session.context().directory();
    try (LayerTree tree = session.workshop().trees().open(context)) {
      Selected found = new FileSelection(new MergedTree(List.of(tree))).find(source).get(0);
      LayerContent content = contentOf(found);
      canonical.append(content.digest(session.cancellation())).append('\n');
      mounts.add(
          writable
              ? copied(found, target)
              : new StepRunner.HostMount(
                  target, context.resolve(ByteNames.shown(found.path())), true));
    }
  }

  /** A copy that may be written to and goes with the step. */
  private StepMount copied(Selected found, String target) throws IOException {
    Path directory = Files.createTempDirectory(session.scratch(), "bind");
    open.add(() -> session.workshop().trees().delete(directory));
    copyOut(found, directory);
    return new StepRunner.HostMount(
        target,
        found.node().isDirectory() ? directory : directory.resolve(ByteNames.shown(found.name())),
        false);
  }

  private LayerContent contentOf(Selected found) throws IOException {
    FileCopy copy =
        new FileCopy(
            new MergedTree(List.of()),
            new FileCopy.Manner(
                Optional.empty(),
                Owner.ROOT,
                Optional.empty(),
                IgnoreRules.of(List.of()),
                false,
                session.fileTime()));
    copy.copy(found, found.node().kind() == Node.Kind.DIRECTORY ? "" : found.name());
    return copy.content();
  }

  private void copyOut(Selected found, Path directory) throws IOException {
    LayerContent content = contentOf(found);
    Path archive = Files.createTempFile(session.scratch(), "copy", ".tar");
    try {
      try (var out = Files.newOutputStream(archive)) {
        content.write(session.form(Set.of()), out);
      }
      try (LayerTree tree = session.workshop().trees().open(directory);
          InputStream in = Files.newInputStream(archive)) {
        session.workshop().unpacker().unpackFiles(in, "files for a step", tree, new Cancellation());
      }
    } finally {
      Files.deleteIfExists(archive);
    }
  }
}
