package io.gantry.runtime.container;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchException;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.HomeDirectory;
import io.gantry.runtime.rootfs.PreparedRootfs;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;

/** Launches a container's first process out of what was prepared. */
final class FirstProcess {
  private final LaunchParts parts;
  private final String id;
  private final OciSpec spec;
  private final OciProcess process;
  private final PreparedRootfs prepared;
  private final ProcessSteps steps;

  FirstProcess(
      LaunchParts parts, String id, OciSpec spec, OciProcess process, PreparedRootfs prepared) {
    this.parts = parts;
    this.id = id;
    this.spec = spec;
    this.process = process;
    this.prepared = prepared;
    this.steps = new ProcessSteps(process, parts.privileges(), parts.notices());
  }

  /** Everything between clone and the program, in order. */
  private LaunchPlan plan(
      CgroupDoor door, Streams streams, Optional<SeccompFilter> filter, Fd cgroupNs)
      throws LinuxException {
    LaunchPlanBuilder plan = LaunchPlan.builder();
    streams.addSteps(plan);
    door.addSteps(plan);
    steps.addHostSteps(plan);
    prepared.addJoinSteps(plan);
    steps.addSessionSteps(plan, streams.isTerminal());
    prepared.addProcSteps(plan);
    prepared.addPivotSteps(plan);
    steps.addLimitSteps(plan);
    prepared.addWorkingDirectorySteps(plan);
    if (prepared.hasUserNamespace()) {
      prepared.addUserSteps(plan);
    }
    if (cgroupNs != null) {
      plan.joinNamespace(cgroupNs.number(), NamespaceKind.CGROUP);
    } else if (spec.linux().namespace(OciNamespace.Type.CGROUP).isPresent()) {
      plan.newCgroupNamespace();
    }
    plan.newSessionKeyring("gantry-" + id);
    prepared.addClosingSteps(plan);
    steps.addIdentitySteps(plan, filter);
    Fd root = prepared.root();
    String home = HomeDirectory.of(parts.linux().files(), root, process.user().uid());
    return steps.execute(plan, home);
  }

  /** The plan as text, with the caller's own standard streams and without cgroups to join. */
  String describe(Optional<SeccompFilter> filter) throws LinuxException {
    Streams streams = Streams.of(new ProcessStdio.Pipes(0, 1, 2));
    return plan(CgroupDoor.none(), streams, filter, null).toString();
  }

  Launched launch(CgroupDoor door, Streams streams, Optional<SeccompFilter> filter)
      throws IOException, ContainerException {
    try (Fd cgroupNs = open(OciNamespace.Type.CGROUP, NamespaceKind.CGROUP);
        Fd pidNs = open(OciNamespace.Type.PID, NamespaceKind.PID)) {
      LaunchPlan plan = plan(door, streams, filter, cgroupNs);
      if (pidNs != null) {
        // Others in a shared PID namespace may be allowed to trace: they must not reach our memory.
        CloneOptions options = door.options(CloneOptions.plain().withCopiedMemory());
        return LaunchThread.launch(parts.linux(), parts.launcher(), pidNs, plan, options);
      }
      EnumSet<NamespaceKind> fresh = EnumSet.noneOf(NamespaceKind.class);
      if (spec.linux().namespace(OciNamespace.Type.PID).isPresent()) {
        fresh.add(NamespaceKind.PID);
      }
      return parts.launcher().launch(plan, door.options(CloneOptions.inNew(fresh)));
    } catch (LaunchException e) {
      throw Failure.ofLaunch("start container " + id, process, steps, e);
    }
  }

  /** The existing namespace that the configuration names; {@code null} if it names none. */
  private Fd open(OciNamespace.Type type, NamespaceKind kind) throws LinuxException {
    Optional<OciNamespace> namespace = spec.linux().namespace(type);
    if (namespace.isEmpty() || namespace.get().path().isEmpty()) {
      return null;
    }
    return parts.linux().namespaces().open(namespace.get().path().get(), kind);
  }
}
