package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.proto.cri.v1.LinuxContainerResources;

/** Limits of processor, memory and tasks. */
public final class Limits {
  private static final long LEAST_MEMORY = 6 << 20;
  private static final long PERIOD = 100_000;

  private Limits() {}

  /**
   * Reads HostConfig, or the body of an update.
   *
   * @throws EngineException if limits contradict each other, or are out of range
   */
  public static LinuxContainerResources of(JsonNode host) throws EngineException {
    long memory = host.path("Memory").asLong();
    long swap = host.path("MemorySwap").asLong();
    check(memory, swap);
    LinuxContainerResources.Builder limits = LinuxContainerResources.newBuilder();
    if (memory > 0) {
      limits.setMemoryLimitInBytes(memory);
      limits.setMemorySwapLimitInBytes(swap == 0 ? 2 * memory : swap);
    }
    long nanoCpus = host.path("NanoCpus").asLong();
    long quota = host.path("CpuQuota").asLong();
    long period = host.path("CpuPeriod").asLong();
    if (nanoCpus > 0 && (quota != 0 || period != 0)) {
      throw EngineException.badRequest(
          "Conflicting options: Nano CPUs and CPU Period cannot both be set");
    }
    if (nanoCpus < 0) {
      throw EngineException.badRequest("invalid CPUs: cannot be negative");
    }
    if (nanoCpus > 0) {
      limits.setCpuPeriod(PERIOD).setCpuQuota(Math.max(1000, nanoCpus * PERIOD / 1_000_000_000));
    } else {
      limits.setCpuPeriod(period).setCpuQuota(quota);
    }
    limits.setCpuShares(host.path("CpuShares").asLong());
    limits.setCpusetCpus(text(host, "CpusetCpus"));
    limits.setCpusetMems(text(host, "CpusetMems"));
    long adjustment = host.path("OomScoreAdj").asLong();
    if (adjustment < -1000 || adjustment > 1000) {
      throw EngineException.badRequest(
          "Invalid value " + adjustment + ", range for oom score adj is [-1000, 1000]");
    }
    limits.setOomScoreAdj(adjustment);
    long pids = host.path("PidsLimit").asLong();
    if (pids > 0) {
      limits.putUnified("pids.max", Long.toString(pids));
    }
    return limits.build();
  }

  private static void check(long memory, long swap) throws EngineException {
    if (memory != 0 && memory < LEAST_MEMORY) {
      throw EngineException.badRequest("Minimum memory limit allowed is 6MB");
    }
    if (swap > 0 && memory == 0) {
      throw EngineException.badRequest(
          "You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    if (swap > 0 && swap < memory) {
      throw EngineException.badRequest(
          "Minimum memoryswap limit should be larger than memory limit, see usage");
    }
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).isTextual() ? node.path(field).textValue() : "";
  }
}
