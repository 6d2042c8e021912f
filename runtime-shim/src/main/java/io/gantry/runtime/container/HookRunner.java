package io.gantry.runtime.container;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Pipe;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecWriter;
import io.gantry.runtime.rootfs.PreparedRootfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs hooks on the host, each with the container's state on its standard input (config.md,
 * "POSIX-platform Hooks"). One that fails before the start fails the container; later ones only
 * give a notice, as the specification has it.
 */
final class HookRunner {
  private static final int SIGKILL = 9;
  private static final int MILLIS = 1000;

  private final LaunchParts parts;
  private final String id;
  private final Path bundle;
  private final OciSpec spec;

  HookRunner(LaunchParts parts, String id, Path bundle, OciSpec spec) {
    this.parts = parts;
    this.id = id;
    this.bundle = bundle;
    this.spec = spec;
  }

  /**
   * Runs prestart, createRuntime and createContainer hooks; there is no process yet whose id they
   * could be told.
   */
  void afterCreate(PreparedRootfs prepared) throws IOException {
    List<OciHook> hooks = new ArrayList<>(spec.hooks().prestart());
    hooks.addAll(spec.hooks().createRuntime());
    for (OciHook hook : hooks) {
      run(hook, "created", 0, null);
    }
    for (OciHook hook : spec.hooks().createContainer()) {
      // In the container's namespaces, where its mounts are made and the host's are still seen
      // (config.md, "CreateContainer Hooks").
      run(hook, "created", 0, prepared);
    }
  }

  void afterStart(int pid) {
    runAll(spec.hooks().poststart(), "running", pid);
  }

  void afterStop() {
    runAll(spec.hooks().poststop(), "stopped", 0);
  }

  private void runAll(List<OciHook> hooks, String status, int pid) {
    for (OciHook hook : hooks) {
      try {
        run(hook, status, pid, null);
      } catch (IOException e) {
        parts.notices().notice("container " + id + ": " + e.getMessage());
      }
    }
  }

  /**
   * @param inside whose namespaces it runs in; {@code null} for the host's
   */
  private void run(OciHook hook, String status, int pid, PreparedRootfs inside) throws IOException {
    Linux linux = parts.linux();
    try (Pipe state = linux.files().pipe2(0);
        Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_WRONLY, 0)) {
      LaunchPlanBuilder plan = LaunchPlan.builder();
      int out = nothing.number();
      plan.standardStreams(state.readEnd().number(), out, out);
      if (inside != null) {
        inside.addJoinSteps(plan);
      }
      plan.closeDescriptorsFrom(3);
      plan.changeDirectory(bundle.toString());
      List<String> args = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
      LaunchPlan done = plan.execute(hook.path(), args, hook.env(), List.of());
      Launched launched = parts.launcher().launch(done, CloneOptions.plain());
      try (Fd pidfd = launched.pidfd()) {
        state.readEnd().close();
        feed(state.writeEnd(), OciSpecWriter.stateJson(spec, id, status, pid, bundle.toString()));
        state.writeEnd().close();
        await(hook, pidfd);
      }
    } catch (IOException e) {
      throw new IOException("hook " + hook.path() + ": " + e.getMessage(), e);
    }
  }

  /** The state is less than a pipe holds, so this never waits for a hook that does not read. */
  private void feed(Fd pipe, String state) throws LinuxException {
    try {
      parts.linux().files().writeFully(pipe, state.getBytes(StandardCharsets.UTF_8));
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
    }
  }

  private void await(OciHook hook, Fd pidfd) throws IOException {
    Linux linux = parts.linux();
    if (hook.timeoutSeconds().isPresent()) {
      try (Fd poll = linux.events().createPoll()) {
        linux.events().add(poll, pidfd, Events.EPOLLIN, 0);
        int millis =
            (int) Math.min(Integer.MAX_VALUE, (long) hook.timeoutSeconds().getAsInt() * MILLIS);
        if (linux.events().await(poll, new long[1], new int[1], millis) == 0) {
          linux.processes().signal(pidfd, SIGKILL);
          linux.processes().await(pidfd);
          throw new IOException(
              "not done after " + hook.timeoutSeconds().getAsInt() + " s and killed");
        }
      }
    }
    ExitStatus status = linux.processes().await(pidfd);
    if (status.code() != 0) {
      throw new IOException("ended with code " + status.code());
    }
  }
}
