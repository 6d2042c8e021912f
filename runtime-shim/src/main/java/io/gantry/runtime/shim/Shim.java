package io.gantry.runtime.shim;

import io.gantry.proto.types.RuntimeInfo;
import io.gantry.proto.types.RuntimeVersion;
import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The program {@code containerd-shim-gantry-v2}. */
public final class Shim {
  private static final String NAME = "containerd-shim-gantry-v2";
  private static final String USAGE =
      """
      usage: containerd-shim-gantry-v2 -namespace NS -id ID [-address A] [-publish-binary B] [-debug] start
             containerd-shim-gantry-v2 -namespace NS -id ID -bundle DIR [-address A] delete
             containerd-shim-gantry-v2 -namespace NS -id ID -socket PATH [-idle-exit SECONDS]
             containerd-shim-gantry-v2 plan BUNDLE
             containerd-shim-gantry-v2 archive FILE
             containerd-shim-gantry-v2 -v | -info
      """;

  private Shim() {}

  /** Exits with 0 on success, 1 when the action failed, 2 when the command line is wrong. */
  public static void main(String[] args) {
    int status;
    try {
      status = run(ShimArguments.parse(args));
    } catch (IllegalArgumentException e) {
      System.err.println(NAME + ": " + e.getMessage());
      System.err.print(USAGE);
      status = 2;
    } catch (Exception e) {
      System.err.println(NAME + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      status = 1;
    }
    System.out.flush();
    // Nothing is left to be done at exit, and threads that still copy output must not keep the
    // process alive.
    Runtime.getRuntime().halt(status);
  }

  private static int run(ShimArguments arguments) throws Exception {
    if (arguments.isOn("v") || arguments.isOn("version")) {
      System.out.println(NAME + " " + Version.TEXT);
    } else if (arguments.isOn("info")) {
      print(info());
    } else {
      return act(arguments);
    }
    return 0;
  }

  private static int act(ShimArguments arguments) throws Exception {
    Path here = Path.of("").toAbsolutePath();
    switch (arguments.action()) {
      case "" -> serve(arguments);
      case "start" ->
          print(
              new StartAction(arguments, ShimCommand.current(), System.getenv(), here)
                  .run(System.in.readAllBytes()));
      case "delete" -> {
        Path bundle = arguments.flag("bundle").isEmpty() ? here : Path.of(arguments.flag("bundle"));
        print(new DeleteAction(engine(Linux.open())).run(arguments.required("id"), bundle));
      }
      case "plan" -> System.out.print(plan(operand(arguments, "BUNDLE")));
      case "archive" -> ShimArchive.make(ShimCommand.current(), operand(arguments, "FILE"));
      case "train" -> ShimTraining.run(Linux.open());
      default ->
          throw new IllegalArgumentException("action " + arguments.action() + " is not known");
    }
    return 0;
  }

  private static Path operand(ShimArguments arguments, String name) {
    if (arguments.words().size() != 2) {
      throw new IllegalArgumentException(arguments.action() + " needs " + name);
    }
    return Path.of(arguments.words().get(1)).toAbsolutePath();
  }

  private static void serve(ShimArguments arguments) throws IOException {
    String idle = arguments.flag("idle-exit");
    Optional<Duration> idleLimit =
        idle.isEmpty() ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds(idle)));
    Linux linux = Linux.open();
    new ShimServer(linux, System.err)
        .run(Path.of(arguments.required("socket")), arguments.required("namespace"), idleLimit);
  }

  private static long seconds(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "flag -idle-exit: \"" + text + "\" is not a number of seconds", e);
    }
  }

  private static String plan(Path bundle) throws Exception {
    return engine(Linux.open()).plan(bundle.normalize().getFileName().toString(), bundle);
  }

  private static ContainerEngine engine(Linux linux) throws IOException {
    return new ContainerEngine(linux, CgroupTree.open(linux), System.err::println);
  }

  private static byte[] info() {
    return RuntimeInfo.newBuilder()
        .setName("io.containerd.gantry.v2")
        .setVersion(RuntimeVersion.newBuilder().setVersion(Version.TEXT))
        .build()
        .toByteArray();
  }

  private static void print(byte[] answer) {
    System.out.write(answer, 0, answer.length);
  }
}
