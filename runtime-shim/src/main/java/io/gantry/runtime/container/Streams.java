package io.gantry.runtime.container;

import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.Terminals;
import io.gantry.runtime.oci.OciConsoleSize;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.rootfs.Console;
import io.gantry.runtime.rootfs.UserMapping;
import java.io.IOException;
import java.util.Optional;

/** The standard streams of one launch: the caller's pipes, or a terminal of the container. */
final class Streams implements AutoCloseable {
  private final ProcessStdio stdio;
  private final Optional<Console> console;
  private boolean masterKept;

  private Streams(ProcessStdio stdio, Optional<Console> console) {
    this.stdio = stdio;
    this.console = console;
  }

  static Streams of(ProcessStdio.Pipes pipes) {
    return new Streams(pipes, Optional.empty());
  }

  /** Takes the console over and makes it the process's. */
  static Streams of(Linux linux, Console console, OciProcess process, Optional<UserMapping> users)
      throws IOException {
    try {
      long uid = process.user().uid();
      console.giveTo(linux, users.isPresent() ? users.get().hostUid(uid) : uid);
      if (process.consoleSize().isPresent()) {
        OciConsoleSize size = process.consoleSize().get();
        linux
            .terminals()
            .setWindowSize(console.master(), new Terminals.WindowSize(size.width(), size.height()));
      }
    } catch (IOException e) {
      console.close();
      throw e;
    }
    return new Streams(new ProcessStdio.Terminal(), Optional.of(console));
  }

  boolean isTerminal() {
    return console.isPresent();
  }

  void addSteps(LaunchPlanBuilder plan) {
    if (stdio instanceof ProcessStdio.Pipes pipes) {
      plan.standardStreams(pipes.stdin(), pipes.stdout(), pipes.stderr());
    } else if (console.isPresent()) {
      int slave = console.get().slave().number();
      plan.standardStreams(slave, slave, slave);
    }
  }

  /** Hands the terminal's master over to the caller of a launch that succeeded. */
  Optional<Fd> keepMaster() {
    masterKept = true;
    return console.isPresent() ? Optional.of(console.get().master()) : Optional.empty();
  }

  @Override
  public void close() {
    if (console.isPresent()) {
      console.get().slave().close();
      if (!masterKept) {
        console.get().master().close();
      }
    }
  }
}
