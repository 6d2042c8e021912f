package io.gantry.cri.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.runtime.linux.cgroup.CgroupStats;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CgroupSumTest {

  @Test
  void of_addsTimesAndMemoryAndLeavesLimitsOut() {
    CgroupStats sum =
        CgroupSum.of(List.of(CgroupFixture.using(5, 100), CgroupFixture.using(7, 30)));
    assertEquals(12, sum.cpu().orElseThrow().usageNanos());
    assertEquals(130, sum.memory().orElseThrow().usageBytes());
    assertEquals(OptionalLong.empty(), sum.memory().orElseThrow().limitBytes());
    assertEquals(OptionalLong.of(2), sum.memory().orElseThrow().swapUsageBytes());
  }

  @Test
  void of_nothingIsNothingUsed() {
    CgroupStats sum = CgroupSum.of(List.of());
    assertEquals(0, sum.cpu().orElseThrow().usageNanos());
    assertEquals(OptionalLong.empty(), sum.memory().orElseThrow().swapUsageBytes());
  }
}
