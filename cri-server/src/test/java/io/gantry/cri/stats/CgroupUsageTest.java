package io.gantry.cri.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import io.gantry.proto.cgroups.v1.CPUStat;
import io.gantry.proto.cgroups.v1.CPUUsage;
import io.gantry.proto.cgroups.v1.MemoryEntry;
import io.gantry.proto.cgroups.v1.MemoryStat;
import io.gantry.proto.cgroups.v1.Metrics;
import io.gantry.proto.cgroups.v2.PSIData;
import io.gantry.proto.cgroups.v2.PSIStats;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CgroupUsageTest {

  @Test
  void of_readsVersion1() throws IOException {
    CgroupUsage usage =
        CgroupUsage.of(
            any(
                "io.containerd.cgroups.v1.Metrics",
                Metrics.newBuilder()
                    .setCpu(CPUStat.newBuilder().setUsage(CPUUsage.newBuilder().setTotal(77)))
                    .setMemory(
                        MemoryStat.newBuilder()
                            .setUsage(MemoryEntry.newBuilder().setUsage(100).setLimit(1000))
                            .setSwap(MemoryEntry.newBuilder().setUsage(130).setLimit(1500))
                            .setTotalInactiveFile(40)
                            .setTotalRss(9))
                    .build()));
    assertEquals(77, usage.cpuNanos());
    assertEquals(60, usage.workingSetBytes());
    assertEquals(Optional.of(940L), usage.availableBytes());
    assertEquals(9, usage.rssBytes());
    assertEquals(30, usage.swapBytes());
    assertEquals(Optional.of(470L), usage.swapAvailableBytes());
  }

  @Test
  void of_readsVersion2() throws IOException {
    CgroupUsage usage =
        CgroupUsage.of(
            any(
                "types.containerd.io/io.containerd.cgroups.v2.Metrics",
                io.gantry.proto.cgroups.v2.Metrics.newBuilder()
                    .setCpu(
                        io.gantry.proto.cgroups.v2.CPUStat.newBuilder()
                            .setUsageUsec(5)
                            .setPsi(
                                PSIStats.newBuilder().setSome(PSIData.newBuilder().setAvg10(2))))
                    .setMemory(
                        io.gantry.proto.cgroups.v2.MemoryStat.newBuilder()
                            .setUsage(100)
                            .setUsageLimit(-1)
                            .setInactiveFile(140))
                    .build()));
    assertEquals(5000, usage.cpuNanos());
    assertEquals(0, usage.workingSetBytes());
    assertEquals(Optional.empty(), usage.availableBytes());
    assertEquals(2, usage.cpuPressure().orElseThrow().getSome().getAvg10());
    assertEquals(Optional.empty(), usage.memoryPressure());
  }

  @Test
  void of_refusesWhatIsNoStatistic() {
    assertThrows(IOException.class, () -> CgroupUsage.of(any("x.Y", Metrics.getDefaultInstance())));
  }

  private static Any any(String type, MessageLite message) {
    return Any.newBuilder().setTypeUrl(type).setValue(message.toByteString()).build();
  }
}
