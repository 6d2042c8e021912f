package io.gantry.runtime.container;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchException;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.HomeDirectory;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Launches a further process in the namespaces of a running container's first one. */
final class LaterProcess implements AutoCloseable {
  private static final String CAP_SYS_PTRACE = "CAP_SYS_PTRACE";

  private record Joined(Fd namespace, NamespaceKind kind) {}

  private final LaunchParts parts;
  private final String id;
  private final OciSpec spec;
  private final OciProcess process;
  private final ProcessSteps steps;
  private final List<Joined> namespaces = new ArrayList<>();
  private Fd pidNamespace;
  private Fd userNamespace;
  private Fd root;

  /**
   * Opens the namespaces.
   *
   * @param first the id of the container's first process, which may end at any time
   */
  LaterProcess(LaunchParts parts, String id, OciSpec spec, OciProcess process, int first)
      throws IOException {
    this.parts = parts;
    this.id = id;
    this.spec = spec;
    this.process = process;
    this.steps = new ProcessSteps(process, parts.privileges(), parts.notices());
    Linux linux = parts.linux();
    try {
      root =
          linux
              .files()
              .open(
                  Fd.CWD, "/proc/" + first + "/root", FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0);
      if (has(OciNamespace.Type.PID)) {
        pidNamespace = linux.namespaces().of(first, NamespaceKind.PID);
      }
      join(first, OciNamespace.Type.NETWORK, NamespaceKind.NETWORK);
      join(first, OciNamespace.Type.IPC, NamespaceKind.IPC);
      join(first, OciNamespace.Type.UTS, NamespaceKind.UTS);
      join(first, OciNamespace.Type.CGROUP, NamespaceKind.CGROUP);
      join(first, OciNamespace.Type.MOUNT, NamespaceKind.MOUNT);
      if (has(OciNamespace.Type.USER)) {
        userNamespace = linux.namespaces().of(first, NamespaceKind.USER);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private boolean has(OciNamespace.Type type) {
    return spec.linux().namespace(type).isPresent();
  }

  private void join(int first, OciNamespace.Type type, NamespaceKind kind) throws IOException {
    if (has(type)) {
      namespaces.add(new Joined(parts.linux().namespaces().of(first, kind), kind));
    }
  }

  /** The container's root directory, which stays this object's to close. */
  Fd root() {
    return root;
  }

  Launched launch(
      CgroupDoor door, Streams streams, Optional<SeccompFilter> filter, boolean inSubgroup)
      throws IOException, ContainerException {
    LaunchPlan plan = plan(door, streams, filter, inSubgroup && door.isUnified());
    CloneOptions options = door.options(CloneOptions.plain());
    if (mayBeTraced()) {
      options = options.withCopiedMemory();
    }
    try {
      return pidNamespace == null
          ? parts.launcher().launch(plan, options)
          : LaunchThread.launch(parts.linux(), parts.launcher(), pidNamespace, plan, options);
    } catch (LaunchException e) {
      throw Failure.ofLaunch("exec in container " + id, process, steps, e);
    }
  }

  /**
   * @param ownCgroupRoot the process's cgroup is below the container's in the one tree of v2, and
   *     what reads its own path there, as JVMs do for their memory limit, must still find the
   *     container's limits: its path is made to be the root, as it is for the first process
   */
  private LaunchPlan plan(
      CgroupDoor door, Streams streams, Optional<SeccompFilter> filter, boolean ownCgroupRoot) {
    LaunchPlanBuilder plan = LaunchPlan.builder();
    streams.addSteps(plan);
    door.addSteps(plan);
    steps.addHostSteps(plan);
    for (Joined joined : namespaces) {
      if (joined.kind() == NamespaceKind.CGROUP && ownCgroupRoot) {
        plan.newCgroupNamespace();
      } else {
        plan.joinNamespace(joined.namespace().number(), joined.kind());
      }
    }
    steps.addSessionSteps(plan, streams.isTerminal());
    steps.addLimitSteps(plan);
    if (userNamespace != null) {
      // The last to be entered: all before takes the privileges of the host's root.
      plan.joinNamespace(userNamespace.number(), NamespaceKind.USER);
    }
    plan.newSessionKeyring("gantry-" + id);
    // With all other descriptors closed no path leads out of the root that setns(2) has set, not
    // even one through /proc/self/fd (CVE-2024-21626).
    plan.closeDescriptorsFrom(3);
    plan.changeDirectory(process.cwd());
    steps.addIdentitySteps(plan, filter);
    String home = HomeDirectory.of(parts.linux().files(), root, process.user().uid());
    return steps.execute(plan, home);
  }

  /**
   * Whether something inside could stop the child and look into the memory it shares with this
   * process: in a PID namespace of several containers, or with the capability for it.
   */
  private boolean mayBeTraced() {
    Optional<OciNamespace> pids = spec.linux().namespace(OciNamespace.Type.PID);
    if (pids.isEmpty() || pids.get().path().isPresent() || spec.process().isEmpty()) {
      return true;
    }
    OciProcess first = spec.process().get();
    if (first.capabilities().isEmpty()) {
      return true;
    }
    List<String> bounding = first.capabilities().get().bounding();
    return bounding.contains(CAP_SYS_PTRACE);
  }

  @Override
  public void close() {
    for (Joined joined : namespaces) {
      joined.namespace().close();
    }
    if (pidNamespace != null) {
      pidNamespace.close();
    }
    if (userNamespace != null) {
      userNamespace.close();
    }
    if (root != null) {
      root.close();
    }
  }
}
