package io.gantry.image.build;

import io.gantry.image.ImageRecord;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.StepRunner.StepMount;
import io.gantry.image.build.cache.CacheDirectories;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.dockerfile.Command;
import io.gantry.image.dockerfile.Heredoc;
import io.gantry.image.dockerfile.Instruction.Run;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/** Runs what one RUN says, and makes a layer of what it has written. Confined to one thread. */
final class RunStep {
  /** What a container has mounted whatever its image holds. */
  private static final List<String> ALWAYS_MOUNTED =
      List.of(
          "/proc", "/sys", "/dev", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/dev/shm");

  private static final String SCRIPT = "/dev/build-script";
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Session session;
  private final Run run;
  private final Draft before;
  private final Map<String, String> arguments;

  /**
   * @param arguments the build's arguments that the program gets as variables
   */
  RunStep(Session session, Run run, Draft before, Map<String, String> arguments) {
    this.session = session;
    this.run = run;
    this.before = before;
    this.arguments = arguments;
  }

  /** The program and its arguments. */
  List<String> command() {
    if (!(run.command() instanceof Command.Shell shell)) {
      return ((Command.Exec) run.command()).arguments();
    }
    if (isScript() && run.heredocs().get(0).content().startsWith("#!")) {
      return List.of(SCRIPT);
    }
    List<String> command = new ArrayList<>(before.shell());
    command.add(isScript() ? run.heredocs().get(0).content() : line(shell));
    return command;
  }

  /** Whether the whole command is one document. */
  private boolean isScript() {
    return run.heredocs().size() == 1
        && run.command() instanceof Command.Shell shell
        && shell.line().matches("<<-?[\"']?[^\\s\"'<]+[\"']?");
  }

  /** The line with its documents behind it, as the shell wants them. */
  private String line(Command.Shell shell) {
    StringBuilder line = new StringBuilder(shell.line());
    for (Heredoc document : run.heredocs()) {
      line.append('\n').append(document.content()).append(document.name());
    }
    return line.toString();
  }

  /** What the history says: the command, and the arguments that it was given. */
  String description() {
    List<String> words = new ArrayList<>();
    if (!arguments.isEmpty()) {
      words.add("|" + arguments.size());
      arguments.forEach((name, value) -> words.add(name + "=" + value));
    }
    words.addAll(command());
    return String.join(" ", words);
  }

  /** All of it that its result depends on; secrets and caches are none of it. */
  String canonical(RunMounts.Prepared mounts) {
    return "RUN "
        + ConfigStep.json(command())
        + "\n"
        + arguments
        + "\n"
        + run.heredocs()
        + "\n"
        + network()
        + "\n"
        + mounts.canonical();
  }

  private String network() {
    String asked = run.network().orElse("default");
    return asked.equals("default") ? session.request().network() : asked;
  }

  /** Runs it. */
  CachedLayer make(RunMounts.Prepared prepared) throws IOException {
    List<StepMount> mounts = new ArrayList<>(prepared.mounts());
    if (command().equals(List.of(SCRIPT))) {
      byte[] script = run.heredocs().get(0).content().getBytes(StandardCharsets.UTF_8);
      mounts.add(new StepRunner.SecretMount(SCRIPT, script, 0, 0, 0755));
    }
    Set<String> stubs = stubs(mounts);
    ImageRecord image = session.images().passing(before);
    AtomicReference<CachedLayer> layer = new AtomicReference<>();
    ImageWorkshop.Loan loan = session.workshop().lend(image);
    try {
      int code =
          session
              .runner()
              .run(
                  new StepRunner.Step(
                      image,
                      command(),
                      environment(),
                      network(),
                      session.request().extraHosts(),
                      mounts,
                      session.request().limits()),
                  new Words(),
                  snapshot -> layer.set(layer(snapshot, stubs)),
                  session.cancellation());
      if (code != 0) {
        throw new BuildException(
            "The command '" + String.join(" ", command()) + "' returned a non-zero code: " + code,
            OptionalInt.of(code),
            null);
      }
      return layer.get();
    } finally {
      loan.close();
    }
  }

  private CachedLayer layer(String snapshot, Set<String> stubs) throws IOException {
    return session
        .layers()
        .make(
            before.chain(),
            session.hold(),
            out -> session.workshop().snapshots().writeChanges(snapshot, session.form(stubs), out),
            session.cancellation());
  }

  private List<String> environment() {
    List<String> environment = new ArrayList<>();
    if (!before.environment().containsKey("PATH") && !arguments.containsKey("PATH")) {
      environment.add("PATH=" + DEFAULT_PATH);
    }
    session.variables().proxies().forEach((name, value) -> environment.add(name + "=" + value));
    arguments.forEach((name, value) -> environment.add(name + "=" + value));
    session
        .epoch()
        .ifPresent(
            time -> {
              if (!before.environment().containsKey(BuildVariables.EPOCH)
                  && !arguments.containsKey(BuildVariables.EPOCH)) {
                environment.add(BuildVariables.EPOCH + "=" + time.getEpochSecond());
              }
            });
    return environment;
  }

  /** The paths that something is mounted at and that the image does not have. */
  private Set<String> stubs(List<StepMount> mounts) throws IOException {
    Set<String> targets = new TreeSet<>(ALWAYS_MOUNTED);
    mounts.forEach(mount -> targets.add(mount.target()));
    return session
        .workshop()
        .snapshots()
        .reading(
            before.chain(),
            image -> {
              FileCopy paths =
                  new FileCopy(
                      image,
                      new FileCopy.Manner(
                          Optional.empty(),
                          Owner.ROOT,
                          Optional.empty(),
                          IgnoreRules.of(List.of()),
                          true,
                          session.fileTime()));
              Set<String> stubs = new TreeSet<>();
              for (String target : targets) {
                String at = paths.resolve(ByteNames.of(target));
                while (!at.isEmpty() && !isThere(image, at)) {
                  stubs.add(at);
                  at = MergedTree.parentOf(at);
                }
              }
              return stubs;
            });
  }

  private static boolean isThere(MergedTree image, String path) throws IOException {
    return !image.isEmpty() && image.find(path).isPresent();
  }

  /** What the program prints goes where all else goes. */
  private final class Words implements StepRunner.Output {
    // A character may come in two pieces.
    private final TextPieces pieces = new TextPieces();

    @Override
    public void begins(String containerId) {
      session.output().words(" ---> Running in " + shortened(containerId) + "\n");
    }

    @Override
    public void print(byte[] bytes) {
      String text = pieces.next(bytes);
      if (!text.isEmpty()) {
        session.output().words(text);
      }
    }

    @Override
    public void removed(String containerId) {
      session
          .output()
          .words(" ---> Removed intermediate container " + shortened(containerId) + "\n");
    }
  }

  static String shortened(String id) {
    String hex = id.substring(id.indexOf(':') + 1);
    return hex.substring(0, Math.min(12, hex.length()));
  }

  /** For mounts of cache directories, which say how they are shared. */
  static CacheDirectories.Sharing sharing(String word) throws BuildException {
    return switch (word) {
      case "shared" -> CacheDirectories.Sharing.SHARED;
      case "private" -> CacheDirectories.Sharing.PRIVATE;
      case "locked" -> CacheDirectories.Sharing.LOCKED;
      default -> throw new BuildException("sharing is shared, private or locked, not " + word);
    };
  }
}
