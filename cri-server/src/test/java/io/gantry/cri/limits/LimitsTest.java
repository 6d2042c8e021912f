package io.gantry.cri.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.proto.cri.v1.HugepageLimit;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciHugepageLimit;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest {

  @Test
  void of_nothingAskedLimitsNothing() {
    assertEquals(OciResources.NONE, Limits.of(LinuxContainerResources.getDefaultInstance()));
  }

  @Test
  void of_carriesEveryLimit() {
    OciResources limits =
        Limits.of(
            LinuxContainerResources.newBuilder()
                .setCpuShares(2)
                .setCpuQuota(-1)
                .setCpuPeriod(100_000)
                .setCpusetCpus("0-1")
                .setCpusetMems("0")
                .setMemoryLimitInBytes(1 << 20)
                .setMemorySwapLimitInBytes(2 << 20)
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4))
                .putUnified("memory.high", "1000")
                .build());
    assertEquals(
        OciCpu.NONE.withShares(2).withQuota(-1).withPeriod(100_000).withCpus("0-1").withMems("0"),
        limits.cpu());
    assertEquals(OciMemory.NONE.withLimit(1 << 20).withSwap(2 << 20), limits.memory());
    assertEquals(List.of(new OciHugepageLimit("2MB", 4)), limits.hugepageLimits());
    assertEquals(Map.of("memory.high", "1000"), limits.unified());
  }

  @Test
  void of_swapZeroIsUnset() {
    assertEquals(
        OciMemory.NONE.withLimit(5),
        Limits.of(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(5).build()).memory());
  }

  @Test
  void of_takesTheMostTasksFromTheUnifiedFile_butForNoneAtAll() {
    assertEquals(OciResources.NONE.withPidsLimit(7), mostTasks("7"));
    for (String asIs : List.of("0", "max")) {
      assertEquals(OciResources.NONE.withUnified(Map.of("pids.max", asIs)), mostTasks(asIs));
    }
  }

  private static OciResources mostTasks(String value) {
    return Limits.of(LinuxContainerResources.newBuilder().putUnified("pids.max", value).build());
  }

  @Test
  void merge_keepsWhatTheChangeDoesNotSet() {
    LinuxContainerResources before =
        LinuxContainerResources.newBuilder()
            .setCpuShares(10)
            .setMemoryLimitInBytes(5)
            .putUnified("a", "1")
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4))
            .build();
    LinuxContainerResources change =
        LinuxContainerResources.newBuilder()
            .setMemoryLimitInBytes(7)
            .putUnified("b", "2")
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(8))
            .build();
    assertEquals(
        LinuxContainerResources.newBuilder()
            .setCpuShares(10)
            .setMemoryLimitInBytes(7)
            .putUnified("a", "1")
            .putUnified("b", "2")
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(8))
            .build(),
        Limits.merge(before, change));
  }
}
