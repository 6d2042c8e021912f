package io.gantry.cri.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.Rig;
import io.gantry.cri.pod.Pod;
import io.gantry.image.tree.DiskUsage;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.PodSandboxStats;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Network.InterfaceCounters;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatsMessagesTest {
  private static final Instant AT = Instant.ofEpochSecond(2, 5);
  private static final long AT_NANOS = 2_000_000_005L;

  @TempDir Path directory;
  private final StatsMessages messages = new StatsMessages("/layers");
  private ContainerRecord record;
  private Pod pod;

  @BeforeEach
  void setUp() throws Exception {
    Rig rig = new Rig(directory);
    record = rig.created("web").record();
    pod = rig.pods.find(Rig.POD).orElseThrow();
  }

  private static Optional<Live> live() {
    return Optional.of(new Live(CgroupFixture.using(77, 100), 3, OptionalLong.of(9)));
  }

  private ContainerSample sample(Optional<Live> live, Optional<LayerUsage.Measured> layer) {
    return new ContainerSample(record, AT, live, layer, "/gantry/web");
  }

  @Test
  void container_thatRuns() {
    ContainerStats stats = messages.of(sample(live(), Optional.empty()));
    assertEquals("web", stats.getAttributes().getMetadata().getName());
    assertEquals(AT_NANOS, stats.getCpu().getTimestamp());
    assertEquals(77, stats.getCpu().getUsageCoreNanoSeconds().getValue());
    assertEquals(9, stats.getCpu().getUsageNanoCores().getValue());
    assertEquals(90, stats.getMemory().getWorkingSetBytes().getValue());
    assertEquals(910, stats.getMemory().getAvailableBytes().getValue());
    assertEquals(11, stats.getMemory().getRssBytes().getValue());
    assertEquals(14, stats.getMemory().getPageFaults().getValue());
    assertEquals(15, stats.getMemory().getMajorPageFaults().getValue());
    assertEquals(1, stats.getSwap().getSwapUsageBytes().getValue());
    assertEquals(49, stats.getSwap().getSwapAvailableBytes().getValue());
    assertFalse(stats.hasWritableLayer());
  }

  @Test
  void pressure_isToldForEachResource() {
    ContainerStats stats = messages.of(sample(live(), Optional.empty()));
    assertEquals(1, stats.getCpu().getPsi().getSome().getAvg10());
    assertEquals(8, stats.getMemory().getPsi().getFull().getTotal());
    assertEquals(4, stats.getIo().getPsi().getSome().getTotal());
  }

  @Test
  void container_thatDoesNotRun_hasItsDiskOnly() {
    FileSystemStatus filesystem = new FileSystemStatus(0, 4096, 10, 5, 5, 20, 7, 0);
    Instant before = Instant.ofEpochSecond(1);
    ContainerStats stats =
        messages.of(
            sample(
                Optional.empty(),
                Optional.of(new LayerUsage.Measured(new DiskUsage(4096, 2), filesystem, before))));
    assertFalse(stats.hasCpu());
    assertEquals(1_000_000_000L, stats.getWritableLayer().getTimestamp());
    assertEquals(4096, stats.getWritableLayer().getUsedBytes().getValue());
    assertEquals(2, stats.getWritableLayer().getInodesUsed().getValue());
    assertEquals("/layers", stats.getWritableLayer().getFsId().getMountpoint());
  }

  @Test
  void pod_hasItsNetworkProcessesAndContainers() {
    PodSandboxStats stats =
        messages.of(
            new PodSample(
                pod,
                AT,
                live(),
                List.of(
                    new InterfaceCounters("eth0", 1, 2, 3, 4, 5, 6, 7, 8),
                    new InterfaceCounters("net1", 9, 0, 0, 0, 0, 0, 0, 0)),
                List.of(sample(live(), Optional.empty()))));
    var network = stats.getLinux().getNetwork();
    assertEquals(1, network.getDefaultInterface().getRxBytes().getValue());
    assertEquals(3, network.getDefaultInterface().getRxErrors().getValue());
    assertEquals(5, network.getDefaultInterface().getTxBytes().getValue());
    assertEquals(7, network.getDefaultInterface().getTxErrors().getValue());
    assertEquals("net1", network.getInterfaces(0).getName());
    assertEquals(3, stats.getLinux().getProcess().getProcessCount().getValue());
    assertEquals(record.id(), stats.getLinux().getContainers(0).getAttributes().getId());
  }
}
