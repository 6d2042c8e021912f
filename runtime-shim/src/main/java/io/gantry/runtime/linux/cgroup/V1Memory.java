package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciMemory;
import java.io.IOException;
import java.util.OptionalLong;

/** The memory controller, see the kernel's cgroup-v1/memory document. */
final class V1Memory {
  private static final String LIMIT = "memory.limit_in_bytes";
  private static final String WITH_SWAP = "memory.memsw.limit_in_bytes";
  private static final String USAGE = "memory.usage_in_bytes";

  private V1Memory() {}

  /** Before kernel 5.11 limits hold for children only if this was written before they are made. */
  static void enableHierarchy(ControlDirectory directory) throws LinuxException {
    if (directory.readIfPresent("memory.use_hierarchy").equals("0")) {
      directory.write("memory.use_hierarchy", "1");
    }
  }

  static boolean concerns(OciMemory memory) {
    return memory != OciMemory.NONE;
  }

  static void apply(ControlDirectory directory, OciMemory memory) throws IOException {
    long limit = memory.limit().orElse(0);
    long swap = memory.swap().orElse(0);
    if (memory.checkBeforeUpdate().orElse(false) && limit > 0) {
      refuseBelowUsage(directory, limit);
    }
    if (limit == -1 && swap == 0 && directory.has(WITH_SWAP)) {
      swap = -1; // The sum may not stay below the part.
    }
    writeLimits(directory, limit, swap);
    if (memory.reservation().orElse(0) != 0) {
      directory.write("memory.soft_limit_in_bytes", memory.reservation().getAsLong());
    }
    if (memory.kernelTcp().orElse(0) != 0) {
      directory.write("memory.kmem.tcp.limit_in_bytes", memory.kernelTcp().getAsLong());
    }
    if (memory.swappiness().isPresent()) {
      directory.write("memory.swappiness", memory.swappiness().getAsLong());
    }
    if (memory.disableOomKiller().isPresent()) {
      directory.write("memory.oom_control", memory.disableOomKiller().get() ? 1 : 0);
    }
  }

  private static void refuseBelowUsage(ControlDirectory directory, long limit) throws IOException {
    long usage = directory.number(USAGE).orElse(0);
    if (usage > limit) {
      throw new IllegalArgumentException(
          "set memory limit " + limit + " on " + directory + ": " + usage + " bytes are in use");
    }
  }

  /**
   * The kernel refuses every write that would leave the limit of memory and swap below the limit of
   * memory alone, so the order depends on which way they move.
   */
  private static void writeLimits(ControlDirectory directory, long limit, long swap)
      throws IOException {
    if (limit == 0 || swap == 0) {
      writeLimit(directory, limit);
      writeSwap(directory, swap);
      return;
    }
    OptionalLong current = directory.number(WITH_SWAP);
    boolean grows = swap == -1 || current.isPresent() && swap > current.getAsLong();
    if (grows) {
      writeSwap(directory, swap);
      writeLimit(directory, limit);
    } else {
      writeLimit(directory, limit);
      writeSwap(directory, swap);
    }
  }

  private static void writeLimit(ControlDirectory directory, long limit) throws IOException {
    if (limit == 0) {
      return;
    }
    try {
      directory.write(LIMIT, limit);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EBUSY) {
        long usage = directory.number(USAGE).orElse(0);
        throw new IllegalArgumentException(
            "set memory limit " + limit + " on " + directory + ": " + usage + " bytes are in use",
            e);
      }
      throw e;
    }
  }

  private static void writeSwap(ControlDirectory directory, long swap) throws IOException {
    if (swap == 0) {
      return;
    }
    if (!directory.has(WITH_SWAP)) {
      if (swap == -1) {
        return;
      }
      throw new IllegalArgumentException(
          "set swap limit " + swap + " on " + directory + ": the kernel does not account swap");
    }
    directory.write(WITH_SWAP, swap);
  }

  /** The counter is a cgroup's own on v1, so those below are added. */
  static long oomKills(ControlDirectory directory) throws LinuxException {
    long kills = 0;
    for (ControlDirectory each : directory.tree()) {
      kills += ControlText.field(each.readIfPresent("memory.oom_control"), "oom_kill");
    }
    return kills;
  }
}
