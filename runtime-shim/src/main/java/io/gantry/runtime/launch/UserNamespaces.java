package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes user namespaces, and other namespaces that belong to them. A process with threads can
 * neither begin nor enter a user namespace (unshare(2), setns(2)), so a child is born in it, waits
 * while its namespaces are taken hold of, and is killed. Thread-safe.
 */
public final class UserNamespaces {
  private static final int SIGKILL = 9;

  private final Linux linux;
  private final Launcher launcher;

  public UserNamespaces(Linux linux, Launcher launcher) {
    this.linux = linux;
    this.launcher = launcher;
  }

  /** Descriptors of new namespaces; closing it closes those that were not taken. */
  public static final class Made implements AutoCloseable {
    private final Map<NamespaceKind, Fd> namespaces = new EnumMap<>(NamespaceKind.class);

    private Made() {}

    /** Hands a namespace over to the caller, who closes it. */
    public Fd take(NamespaceKind kind) {
      Fd taken = namespaces.remove(kind);
      if (taken == null) {
        throw new IllegalStateException(
            "no " + kind.procName() + " namespace was made, or is left");
      }
      return taken;
    }

    @Override
    public void close() {
      for (Fd namespace : namespaces.values()) {
        namespace.close();
      }
    }
  }

  /**
   * A new user namespace with these mappings, and new namespaces of other kinds owned by it.
   *
   * @param owned kinds of namespaces besides; not PID, which needs a process to live
   * @throws IOException if the kernel makes none, as where user.max_user_namespaces is reached, or
   *     refuses a mapping
   */
  public Made create(List<IdRange> uids, List<IdRange> gids, Set<NamespaceKind> owned)
      throws IOException {
    EnumSet<NamespaceKind> kinds = EnumSet.of(NamespaceKind.USER);
    kinds.addAll(owned);
    Launched holder =
        hold("make a user namespace", LaunchPlan.builder(), CloneOptions.inNew(kinds));
    try (Fd pidfd = holder.pidfd()) {
      try {
        write(holder.pid(), "uid_map", uids);
        write(holder.pid(), "gid_map", gids);
        return open(holder.pid(), kinds);
      } finally {
        end(pidfd);
      }
    }
  }

  /** New namespaces owned by a user namespace that exists, which stays the caller's to close. */
  public Made createIn(Fd userNamespace, Set<NamespaceKind> owned) throws IOException {
    int flags = 0;
    for (NamespaceKind kind : owned) {
      flags |= kind.cloneFlag();
    }
    LaunchPlanBuilder plan =
        LaunchPlan.builder()
            .joinNamespace(userNamespace.number(), NamespaceKind.USER)
            .newNamespaces(flags);
    Launched holder = hold("make namespaces in a user namespace", plan, CloneOptions.plain());
    try (Fd pidfd = holder.pidfd()) {
      try {
        return open(holder.pid(), owned);
      } finally {
        end(pidfd);
      }
    }
  }

  private Launched hold(String what, LaunchPlanBuilder plan, CloneOptions options)
      throws IOException {
    try (Fd program = PauseProgram.open(linux.files());
        Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      plan.standardStreams(nothing.number(), nothing.number(), nothing.number());
      return launcher.launch(
          plan.executeDescriptor(program.number(), "pause", List.of("pause"), List.of()), options);
    } catch (LaunchException e) {
      throw new IOException(what + ": " + e.getMessage(), e);
    }
  }

  private void write(int pid, String file, List<IdRange> ranges) throws IOException {
    String text = IdRange.mapText(ranges);
    try {
      linux.files().writeText("/proc/" + pid + "/" + file, text);
    } catch (LinuxException e) {
      throw new IOException(
          "set " + file + " of a user namespace to \"" + text.strip() + "\": " + e.getMessage(), e);
    }
  }

  private Made open(int pid, Set<NamespaceKind> kinds) throws LinuxException {
    Made made = new Made();
    try {
      for (NamespaceKind kind : kinds) {
        made.namespaces.put(kind, linux.namespaces().of(pid, kind));
      }
      return made;
    } catch (LinuxException e) {
      made.close();
      throw e;
    }
  }

  private void end(Fd pidfd) throws LinuxException {
    linux.processes().signal(pidfd, SIGKILL);
    try {
      linux.processes().await(pidfd);
    } catch (LinuxException e) {
      // A reaper of all children may have been faster.
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
    }
  }
}
