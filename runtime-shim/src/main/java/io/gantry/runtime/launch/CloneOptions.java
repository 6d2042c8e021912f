package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.NamespaceKind;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How the child process is made.
 *
 * @param namespaces namespaces that begin with the child
 * @param cgroup a directory of the cgroup v2 tree in which the child begins; the caller's own where
 *     empty
 * @param copyMemory gives the child a copy of this process's memory rather than the memory itself
 *     until execve. It costs time in proportion to the memory; it is for children that enter a PID
 *     namespace whose processes may hold CAP_SYS_PTRACE, which would else let them reach into this
 *     process through the child
 */
public record CloneOptions(Set<NamespaceKind> namespaces, Optional<Fd> cgroup, boolean copyMemory) {
  public CloneOptions {
    namespaces = Set.copyOf(namespaces);
  }

  /** A child in the caller's namespaces and cgroup. */
  public static CloneOptions plain() {
    return new CloneOptions(Set.of(), Optional.empty(), false);
  }

  /** A child in new namespaces of these kinds. */
  public static CloneOptions inNew(Set<NamespaceKind> kinds) {
    return new CloneOptions(kinds, Optional.empty(), false);
  }

  /**
   * The same, with the child in this cgroup of the v2 tree from its first instruction (clone3(2),
   * CLONE_INTO_CGROUP).
   */
  public CloneOptions intoCgroup(Fd directory) {
    return new CloneOptions(namespaces, Optional.of(directory), copyMemory);
  }

  /** The same, with {@link #copyMemory()}. */
  public CloneOptions withCopiedMemory() {
    return new CloneOptions(namespaces, cgroup, true);
  }

  /** The CLONE_NEW flags. */
  long namespaceFlags() {
    long flags = 0;
    for (NamespaceKind kind : namespaces) {
      flags |= kind.cloneFlag();
    }
    return flags;
  }

  /** The namespaces in the kernel's words, for printing. */
  @Override
  public String toString() {
    EnumSet<NamespaceKind> sorted = EnumSet.noneOf(NamespaceKind.class);
    sorted.addAll(namespaces);
    StringBuilder out = new StringBuilder("new namespaces");
    for (NamespaceKind kind : sorted) {
      out.append(' ').append(kind.procName());
    }
    if (sorted.isEmpty()) {
      out.append(" none");
    }
    cgroup.ifPresent(directory -> out.append(", cgroup ").append(directory));
    return copyMemory ? out.append(", copied memory").toString() : out.toString();
  }
}
