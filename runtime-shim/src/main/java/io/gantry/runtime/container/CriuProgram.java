package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.FAILED;
import static io.gantry.runtime.container.ContainerException.Kind.UNFIT;

import io.gantry.runtime.criu.CriuLog;
import io.gantry.runtime.criu.CriuSettings;
import io.gantry.runtime.launch.Argument;
import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchException;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.Syscall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs CRIU on the host to its end. */
final class CriuProgram {
  private static final int SIGKILL = 9;
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  private final LaunchParts parts;
  private final String asked;
  private final CriuSettings criu;
  private final Path log;

  /**
   * @param asked for messages
   * @param log where CRIU writes what it does
   */
  CriuProgram(LaunchParts parts, String asked, CriuSettings criu, Path log) {
    this.parts = parts;
    this.asked = asked;
    this.criu = criu;
    this.log = log;
  }

  /** A plan to add steps to, for {@link #run}. Nothing but what it keeps reaches CRIU. */
  static LaunchPlanBuilder plan(Fd nothing, List<Integer> kept) {
    int none = nothing.number();
    LaunchPlanBuilder plan = LaunchPlan.builder().standardStreams(none, none, none);
    plan.step(
            "close descriptors from 3 at execve",
            Syscall.CLOSE_RANGE,
            Argument.of(3),
            Argument.of(0xffffffffL, "~0U"),
            Argument.of(CLOSE_RANGE_CLOEXEC, "CLOSE_RANGE_CLOEXEC"))
        // Linux 5.10 has no such flag; gantry's own descriptors are close-on-exec by themselves.
        .ignoring(Errno.EINVAL);
    for (int descriptor : kept) {
      plan.step(
          "keep descriptor " + descriptor,
          Syscall.FCNTL,
          Argument.of(descriptor),
          Argument.of(FileFlags.F_SETFD, "F_SETFD"),
          Argument.of(0));
    }
    return plan;
  }

  /**
   * @throws ContainerException UNFIT if there is no such program; FAILED, with CRIU's words, if it
   *     fails or takes too long
   */
  void run(LaunchPlanBuilder plan, List<String> words, CloneOptions options)
      throws ContainerException {
    List<String> environment = List.of("PATH=" + String.join(":", CriuSettings.SEARCH_PATH));
    LaunchPlan done = plan.execute(criu.program(), words, environment, CriuSettings.SEARCH_PATH);
    try (Fd pidfd = parts.launcher().launch(done, options).pidfd()) {
      int code = await(pidfd);
      if (code != 0) {
        throw new ContainerException(FAILED, asked + ": criu failed: " + CriuLog.problem(log));
      }
    } catch (LaunchException e) {
      if (e.isAtExecute()) {
        String missing = ": criu is needed, and cannot be run as " + criu.program() + ": ";
        throw new ContainerException(UNFIT, asked + missing + e.getMessage(), e);
      }
      throw Failure.of(asked, e);
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  /** When CRIU dies, the processes it works on go on by themselves: it is their tracer. */
  private int await(Fd pidfd) throws IOException {
    Linux linux = parts.linux();
    if (criu.timeoutMillis().isPresent()) {
      long millis = criu.timeoutMillis().getAsLong();
      try (Fd poll = linux.events().createPoll()) {
        linux.events().add(poll, pidfd, Events.EPOLLIN, 0);
        int limit = (int) Math.min(Integer.MAX_VALUE, millis);
        if (linux.events().await(poll, new long[1], new int[1], limit) == 0) {
          linux.processes().signal(pidfd, SIGKILL);
          linux.processes().await(pidfd);
          throw new IOException("criu was not done after " + millis + " ms and was killed");
        }
      }
    }
    ExitStatus status = linux.processes().await(pidfd);
    return status.code();
  }
}
