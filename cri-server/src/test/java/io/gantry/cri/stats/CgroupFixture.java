package io.gantry.cri.stats;

import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.linux.cgroup.CgroupStats.Line;
import io.gantry.runtime.linux.cgroup.CgroupStats.Pressure;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a cgroup might tell: every number another one. */
final class CgroupFixture {
  static final Pressure PRESSURE = new Pressure(new Line(1, 2, 3, 4), new Line(5, 6, 7, 8));

  private CgroupFixture() {}

  static CgroupStats using(long cpuNanos, long memoryBytes) {
    return new CgroupStats(
        Optional.of(new CgroupStats.Cpu(cpuNanos, 1, 2, 3, 4, 5, Optional.of(PRESSURE))),
        Optional.of(
            new CgroupStats.Memory(
                memoryBytes,
                OptionalLong.of(1000),
                OptionalLong.of(900),
                memoryBytes - 10,
                11,
                12,
                13,
                OptionalLong.of(1),
                OptionalLong.of(50),
                14,
                15,
                10,
                16,
                17,
                18,
                OptionalLong.of(19),
                20,
                21,
                Optional.of(PRESSURE))),
        Optional.of(new CgroupStats.Pids(3, OptionalLong.empty())),
        List.of(),
        List.of(),
        Optional.of(PRESSURE));
  }
}
