package io.gantry.cri.pod;

import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.runtime.launch.Argument;
import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The PID namespace that a pod's containers share. A PID namespace ends with its first process
 * (pid_namespaces(7)), so one waits there for the pod's whole life and, by ignoring SIGCHLD, has
 * the kernel reap its orphans.
 *
 * <p>Containers see that process, so it has nothing to take: no capability, nobody's ids, an empty
 * read-only root, the pod's own namespaces and no descriptor. It lives in a cgroup of its own below
 * the pod's parent; that is how it is found and killed by a daemon that comes after a crash.
 */
final class SharedPid implements PodPart {
  private static final int NOBODY = 65534;

  /** Killed after everything else in the pod: without it all else dies too. */
  private static final int OOM_SCORE_ADJ = -998;

  private static final int PROGRAM_DESCRIPTOR = 3;
  private static final int USER_DESCRIPTOR = 4;

  private final Linux linux;
  private final Launcher launcher;
  private final Cgroups cgroups;
  private final CgroupDriver driver;

  /** The processes that this daemon launched, by pod; they are its children and must be reaped. */
  private final Map<String, Fd> children = new ConcurrentHashMap<>();

  SharedPid(Linux linux, Launcher launcher, Cgroups cgroups, CgroupDriver driver) {
    this.linux = linux;
    this.launcher = launcher;
    this.cgroups = cgroups;
    this.driver = driver;
  }

  @Override
  public String name() {
    return "shared PID namespace";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    Optional<Path> pin = pod.paths().pidNamespace();
    if (pin.isEmpty()) {
      return pod;
    }
    Path emptyRoot = pod.paths().directory().resolve("pause");
    Files.createDirectory(emptyRoot);
    Cgroup cgroup = cgroup(pod);
    driver.make(
        cgroup.path(),
        new CgroupDriver.Member("PID namespace of pod " + pod.name(), Duration.ZERO));
    Launched process = launch(pod, cgroup, emptyRoot);
    children.put(pod.id(), process.pidfd());
    try (Fd namespace = linux.namespaces().of(process.pid(), NamespaceKind.PID)) {
      linux.namespaces().pin(namespace, pin.get().toString());
    }
    return pod;
  }

  private Launched launch(Pod pod, Cgroup cgroup, Path emptyRoot) throws IOException {
    List<Fd> opened = new ArrayList<>();
    try {
      Fd program = linux.files().memfd("pause", 0);
      opened.add(program);
      linux.files().writeFully(program, PauseProgram.elf(Architecture.current()));
      Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0);
      opened.add(nothing);

      LaunchPlanBuilder plan = LaunchPlan.builder();
      List<Fd> procs = cgroup.openTasks();
      opened.addAll(procs);
      procs.forEach(file -> plan.joinCgroup(cgroup.path(), file.number()));
      for (Map.Entry<NamespaceKind, Path> pin : PinnedNamespaces.pins(pod).entrySet()) {
        Fd namespace = linux.namespaces().open(pin.getValue().toString(), pin.getKey());
        opened.add(namespace);
        plan.joinNamespace(namespace.number(), pin.getKey());
      }
      Fd user = null;
      if (pod.paths().userNamespace().isPresent()) {
        String pin = pod.paths().userNamespace().get().toString();
        user = linux.namespaces().open(pin, NamespaceKind.USER);
        opened.add(user);
      }
      CloneOptions options = CloneOptions.inNew(EnumSet.of(NamespaceKind.PID, NamespaceKind.MOUNT));
      Optional<Fd> directory = cgroup.openDirectory();
      directory.ifPresent(opened::add);
      return launcher.launch(
          complete(plan, nothing, program, user, emptyRoot, nobody(pod)),
          directory.map(options::intoCgroup).orElse(options));
    } finally {
      opened.forEach(Fd::close);
    }
  }

  /**
   * All that the process does between its birth and its only program.
   *
   * @param user the pod's user namespace; null if it has none of its own
   */
  static LaunchPlan complete(
      LaunchPlanBuilder plan, Fd nothing, Fd program, Fd user, Path emptyRoot, int nobody) {
    String root = emptyRoot.toString();
    plan.oomScoreAdjIfAllowed(OOM_SCORE_ADJ)
        .newSession()
        .ignoreChildren()
        .standardStreams(nothing.number(), nothing.number(), nothing.number())
        .step(
            "keep the program open",
            Syscall.DUP3,
            Argument.of(program.number()),
            Argument.of(PROGRAM_DESCRIPTOR),
            Argument.of(FileFlags.O_CLOEXEC, "O_CLOEXEC"))
        .ignoring(Errno.EINVAL); // It has that number already.
    if (user == null) {
      plan.closeDescriptorsFrom(PROGRAM_DESCRIPTOR + 1);
    } else {
      plan.step(
              "keep the user namespace open",
              Syscall.DUP3,
              Argument.of(user.number()),
              Argument.of(USER_DESCRIPTOR),
              Argument.of(FileFlags.O_CLOEXEC, "O_CLOEXEC"))
          .ignoring(Errno.EINVAL)
          .closeDescriptorsFrom(USER_DESCRIPTOR + 1);
    }
    plan.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_SLAVE, null)
        .mount(
            "none",
            root,
            "tmpfs",
            MountFlags.MS_RDONLY
                | MountFlags.MS_NOSUID
                | MountFlags.MS_NOEXEC
                | MountFlags.MS_NODEV,
            "size=4k,mode=555")
        .changeDirectory(root)
        // pivot_root(2), notes: with the same directory twice the old root lies on top and is
        // unmounted.
        .pivotRoot(".", ".")
        .unmountDetached(".")
        .changeDirectory("/");
    if (user != null) {
      plan.joinNamespace(USER_DESCRIPTOR, NamespaceKind.USER);
    }
    plan.supplementaryGroups(List.of()).group(nobody).user(nobody).noNewPrivileges();
    return plan.executeDescriptor(PROGRAM_DESCRIPTOR, "pause", List.of("pause"), List.of());
  }

  /** In a user namespace of few ids, the last of them. */
  private static int nobody(Pod pod) {
    return pod.users()
        .map(
            users ->
                (int) Math.min(NOBODY, Math.min(users.uids().count(), users.gids().count()) - 1))
        .orElse(NOBODY);
  }

  @Override
  public void undo(Pod pod) throws IOException {
    if (pod.paths().pidNamespace().isEmpty()) {
      return;
    }
    driver.remove(cgroup(pod).path());
    reap(pod);
    linux.namespaces().unpin(pod.paths().pidNamespace().get().toString());
  }

  private void reap(Pod pod) throws LinuxException {
    try (Fd child = children.remove(pod.id())) {
      if (child != null) {
        linux.processes().await(child);
      }
    }
  }

  /** The process that holds the namespace; empty if there is none, which ends the namespace. */
  OptionalInt process(Pod pod) throws IOException {
    if (pod.paths().pidNamespace().isEmpty()) {
      return OptionalInt.empty();
    }
    List<Integer> pids = cgroup(pod).pids();
    return pids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(pids.get(0));
  }

  /** Whether the pod lacks nothing of this kind. */
  boolean isThere(Pod pod) {
    try {
      return pod.paths().pidNamespace().isEmpty() || process(pod).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private Cgroup cgroup(Pod pod) {
    return cgroups.at(driver.member(pod.cgroupParent(), pod.id()));
  }
}
