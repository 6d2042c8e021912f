package io.gantry.runtime.rootfs;

import io.gantry.runtime.launch.Argument;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A container's namespaces with all mounts made, held by descriptors alone: no process is in them
 * and nothing of them is in the host's mount table. Closing it, when no process has entered, undoes
 * everything. Confined to one thread at a time.
 */
public final class PreparedRootfs implements AutoCloseable {

  /** A namespace the first process joins. */
  record Held(Fd namespace, NamespaceKind kind) {}

  private final List<Held> namespaces = new ArrayList<>();
  private Fd root;
  private Fd userNamespace;
  private Fd workingDirectory;
  private String workingPath = "/";
  private ProcSteps proc;
  private Console console;
  private long propagation;

  PreparedRootfs() {}

  void hold(Fd namespace, NamespaceKind kind) {
    namespaces.add(new Held(namespace, kind));
  }

  /** The user namespace the process enters last, which is taken over. */
  void userNamespace(Fd namespace) {
    userNamespace = namespace;
  }

  /** Whether the process has a user namespace, by {@link #addUserSteps}. */
  public boolean hasUserNamespace() {
    return userNamespace != null;
  }

  void root(Fd descriptor) {
    root = descriptor;
  }

  /** Descriptor is {@code null} for a path that exists only once the process runs, below /proc. */
  void workingDirectory(Fd descriptor, String path) {
    workingDirectory = descriptor;
    workingPath = path;
  }

  void proc(ProcSteps steps) {
    proc = steps;
  }

  /** MS_ flags of linux.rootfsPropagation; 0 leaves the root private. */
  void propagation(long flags) {
    propagation = flags;
  }

  ProcSteps proc() {
    return proc;
  }

  void console(Console opened) {
    console = opened;
  }

  /** Hands the first process's terminal over, if one was asked for, to be closed by the caller. */
  public Optional<Console> takeConsole() {
    Optional<Console> taken = Optional.ofNullable(console);
    console = null;
    return taken;
  }

  /** The root directory, which stays this object's to close. */
  public Fd root() {
    return root;
  }

  /** A namespace that the first process joins, which stays this object's to close. */
  public Optional<Fd> namespace(NamespaceKind kind) {
    for (Held held : namespaces) {
      if (held.kind() == kind) {
        return Optional.of(held.namespace());
      }
    }
    return Optional.empty();
  }

  /** Steps that join the namespaces. After them paths are still the host's. */
  public void addJoinSteps(LaunchPlanBuilder plan) {
    for (Held held : namespaces) {
      plan.joinNamespace(held.namespace().number(), held.kind());
    }
  }

  /** Steps that mount /proc and what belongs on it; they need the new PID namespace. */
  public void addProcSteps(LaunchPlanBuilder plan) throws LinuxException {
    if (proc != null) {
      proc.addTo(plan, root);
    }
  }

  /**
   * Steps that make the prepared root the process's own and let go of the host's. pivot_root(2)
   * with "." twice puts the old root on top of the new one, from where it is detached.
   */
  public void addPivotSteps(LaunchPlanBuilder plan) {
    plan.changeDirectory(root.number(), "the container's root");
    plan.pivotRoot(".", ".");
    plan.step(
        "detach the host's root",
        Syscall.UMOUNT2,
        Argument.of("."),
        Argument.of(MountFlags.MNT_DETACH, "MNT_DETACH"));
    plan.changeDirectory("/");
    if (propagation != 0) {
      // Not before: pivot_root(2) refuses to work with a shared mount.
      plan.mount(null, "/", null, propagation, null);
    }
  }

  /**
   * Goes to the working directory. It was opened inside the root, so it cannot be the host's
   * (CVE-2024-21626). One that is below /proc comes with {@link #addClosingSteps}.
   */
  public void addWorkingDirectorySteps(LaunchPlanBuilder plan) {
    if (workingDirectory != null) {
      plan.changeDirectory(workingDirectory.number(), workingPath);
    }
  }

  /**
   * Steps that enter the user namespace and give it a mount namespace of its own, with the mounts
   * as they are by then: what the host's root has made the container's cannot undo. They come after
   * all that only the host's root may do, and after the working directory, which the copy of the
   * mounts takes along as it does the root.
   */
  public void addUserSteps(LaunchPlanBuilder plan) {
    plan.joinNamespace(userNamespace.number(), NamespaceKind.USER);
    plan.newMountNamespace();
  }

  /** Steps that close all descriptors but the standard streams, and all that must wait for it. */
  public void addClosingSteps(LaunchPlanBuilder plan) {
    plan.closeDescriptorsFrom(3);
    if (workingDirectory == null) {
      plan.changeDirectory(workingPath);
    }
  }

  @Override
  public void close() {
    if (console != null) {
      console.close();
    }
    if (proc != null) {
      proc.close();
    }
    if (workingDirectory != null) {
      workingDirectory.close();
    }
    if (root != null) {
      root.close();
    }
    if (userNamespace != null) {
      userNamespace.close();
    }
    for (Held held : namespaces) {
      held.namespace().close();
    }
  }
}
