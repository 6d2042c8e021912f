package io.gantry.cri.limits;

import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciHugepageLimit;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The cgroup limits of a container or a pod. */
public final class Limits {
  private static final String MOST_TASKS = "pids.max";

  private Limits() {}

  /** The limits a request sets, without device rules. Zero and the empty string mean: not set. */
  public static OciResources of(LinuxContainerResources asked) {
    List<OciHugepageLimit> hugepages =
        asked.getHugepageLimitsList().stream()
            .map(limit -> new OciHugepageLimit(limit.getPageSize(), limit.getLimit()))
            .toList();
    return withTasks(
        OciResources.NONE
            .withCpu(cpu(asked))
            .withMemory(memory(asked))
            .withHugepageLimits(hugepages),
        asked);
  }

  /**
   * The CRI has no field for the most tasks; as cgroup v2's file it is taken on v1 as well. But for
   * 0, which is none at all in the file and any number in the OCI specification.
   */
  private static OciResources withTasks(OciResources limits, LinuxContainerResources asked) {
    Map<String, String> unified = new HashMap<>(asked.getUnifiedMap());
    String tasks = unified.getOrDefault(MOST_TASKS, "max");
    if (!tasks.matches("[1-9][0-9]{0,17}")) {
      return limits.withUnified(unified);
    }
    unified.remove(MOST_TASKS);
    return limits.withUnified(unified).withPidsLimit(Long.parseLong(tasks));
  }

  /** {@code before} with every limit that {@code change} sets put in its place. */
  public static LinuxContainerResources merge(
      LinuxContainerResources before, LinuxContainerResources change) {
    LinuxContainerResources.Builder merged = before.toBuilder();
    if (change.getHugepageLimitsCount() > 0) {
      merged.clearHugepageLimits();
    }
    // Protobuf's own merge leaves what the change has at its default, which is just how the CRI
    // says "not set".
    return merged.mergeFrom(change).build();
  }

  private static OciCpu cpu(LinuxContainerResources asked) {
    OciCpu cpu = OciCpu.NONE;
    if (asked.getCpuShares() != 0) {
      cpu = cpu.withShares(asked.getCpuShares());
    }
    if (asked.getCpuQuota() != 0) {
      cpu = cpu.withQuota(asked.getCpuQuota());
    }
    if (asked.getCpuPeriod() != 0) {
      cpu = cpu.withPeriod(asked.getCpuPeriod());
    }
    if (!asked.getCpusetCpus().isEmpty()) {
      cpu = cpu.withCpus(asked.getCpusetCpus());
    }
    if (!asked.getCpusetMems().isEmpty()) {
      cpu = cpu.withMems(asked.getCpusetMems());
    }
    return cpu;
  }

  private static OciMemory memory(LinuxContainerResources asked) {
    OciMemory memory = OciMemory.NONE;
    if (asked.getMemoryLimitInBytes() != 0) {
      memory = memory.withLimit(asked.getMemoryLimitInBytes());
    }
    if (asked.getMemorySwapLimitInBytes() != 0) {
      memory = memory.withSwap(asked.getMemorySwapLimitInBytes());
    }
    return memory;
  }
}
