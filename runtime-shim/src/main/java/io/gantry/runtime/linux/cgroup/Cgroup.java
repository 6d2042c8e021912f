package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One cgroup, on v1 the directories of one path in every hierarchy. Errors name the file and the
 * value. Thread-safe but for writes of limits, which the caller orders.
 */
public interface Cgroup {
  String path();

  boolean exists();

  /**
   * Sets limits; what is absent stays as it is.
   *
   * @throws IOException names the limit; those written before it hold
   * @throws IllegalArgumentException names a limit that this hierarchy does not have, or of which
   *     more is in use already
   */
  void apply(OciResources resources) throws IOException;

  /**
   * Open tasks files of every v1 hierarchy, to which a process of one thread joins itself by
   * writing {@code 0}. Empty on v2. The caller closes them.
   *
   * <p>Not cgroup.procs: a thread that moves only itself needs no lock that waits for every
   * processor (kernel/cgroup/cgroup.c, cgroup_procs_write_start), which saves milliseconds for each
   * hierarchy.
   */
  List<Fd> openTasks() throws IOException;

  /** The directory for CLONE_INTO_CGROUP; empty on v1. The caller closes it. */
  Optional<Fd> openDirectory() throws IOException;

  /**
   * Makes a part of this cgroup for processes that may have to be ended together.
   *
   * @param name of its directory
   * @return empty if there is something of that name already
   * @throws IOException if this cgroup cannot have such a part; the message says why
   */
  Optional<Subgroup> subgroup(String name) throws IOException;

  /**
   * Hands this cgroup to another user, who may then divide it and move own processes about in it,
   * while its limits stay out of reach (kernel, cgroup-v2 document: Delegation). Nothing on v1,
   * where limits and processes are in the same hands.
   *
   * @param uid as the host numbers it
   */
  void delegateTo(int uid) throws IOException;

  /** Moves a running process here. */
  void join(int pid) throws IOException;

  /**
   * Ids of the processes here and below, without a keeper's ({@link Cgroups#createKeeper}). Empty
   * if the cgroup is gone.
   */
  List<Integer> pids() throws IOException;

  /** Stops every process here and below and waits until all stand. */
  void freeze() throws IOException;

  void thaw() throws IOException;

  /** Kills every process here and below, those frozen too. They may still be there as zombies. */
  void killAll() throws IOException;

  CgroupStats stats() throws IOException;

  /** The limits that hold here, as the kernel tells them. */
  HeldLimits limits() throws IOException;

  /** Processes killed for lack of memory, here and below, since the cgroup was made. */
  long oomKills() throws IOException;

  /**
   * What bounds memory here: this cgroup first, then each one above it but the root. Levels that
   * are gone are left out.
   */
  List<MemoryLevel> memoryLevels() throws IOException;

  /**
   * The memory of one cgroup on the way up.
   *
   * @param limitBytes absent when unlimited
   * @param peakBytes the most that was ever used at once; absent where the kernel does not keep it
   *     (v2 before 5.19)
   * @param limitHits how often usage met this level's own limit
   */
  record MemoryLevel(
      String path, OptionalLong limitBytes, OptionalLong peakBytes, long limitHits) {}

  /**
   * Where this cgroup appears on the host, to be shown inside a container: one on v2, one per
   * hierarchy on v1.
   */
  List<View> views();

  /** Removes the cgroup and those below it, waiting for dying processes; none there is no error. */
  void remove() throws IOException;

  /**
   * A directory of the host's cgroup tree.
   *
   * @param name of the hierarchy as v1 mounts call it, such as {@code cpu,cpuacct}; empty on v2
   * @param directory absolute path on the host
   */
  record View(String name, String directory) {}
}
