package io.gantry.cri.stats;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerEvents;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.ContainerAttributes;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.CpuUsage;
import io.gantry.proto.cri.v1.FilesystemIdentifier;
import io.gantry.proto.cri.v1.FilesystemUsage;
import io.gantry.proto.cri.v1.IoUsage;
import io.gantry.proto.cri.v1.MemoryUsage;
import io.gantry.proto.cri.v1.SwapUsage;
import io.gantry.proto.cri.v1.UInt64Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Measures containers. Thread-safe. */
public final class ContainerUsage implements ContainerEvents {
  private final Path snapshotsDirectory;
  private final Clock clock;
  private final CpuRates rates = new CpuRates();
  private final LayerUsage layers;

  /**
   * @param snapshotsDirectory where writable layers lie, as ImageFsInfo names it too
   */
  public ContainerUsage(Snapshots snapshots, Path snapshotsDirectory, Clock clock) {
    this.snapshotsDirectory = snapshotsDirectory;
    this.clock = clock;
    this.layers = new LayerUsage(snapshots, clock);
  }

  @Override
  public void happened(ContainerEventType type, ContainerRecord container) {
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      rates.forget(container.id());
      layers.forget(container.id());
    }
  }

  /** What a container uses now; one that does not run uses its disk only. */
  ContainerStats of(Container container) throws IOException {
    ContainerRecord record = container.record();
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setAttributes(
                ContainerAttributes.newBuilder()
                    .setId(record.id())
                    .setMetadata(record.config().getMetadata())
                    .putAllLabels(record.config().getLabelsMap())
                    .putAllAnnotations(record.config().getAnnotationsMap()))
            .setWritableLayer(writableLayer(record.id()));
    Optional<ShimConnection> shim = container.shim();
    if (record.state() instanceof State.Running running && shim.isPresent()) {
      add(stats, record.id(), running.startedAt(), CgroupUsage.of(shim.get().stats(record.id())));
    }
    return stats.build();
  }

  private FilesystemUsage writableLayer(String id) throws IOException {
    LayerUsage.Measured measured = layers.of(id);
    return FilesystemUsage.newBuilder()
        .setTimestamp(nanos(measured.at()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(snapshotsDirectory.toString()))
        .setUsedBytes(value(measured.usage().bytes()))
        .setInodesUsed(value(measured.usage().inodes()))
        .build();
  }

  private void add(ContainerStats.Builder stats, String id, Instant startedAt, CgroupUsage usage) {
    Instant now = clock.instant();
    CpuUsage.Builder cpu =
        CpuUsage.newBuilder()
            .setTimestamp(nanos(now))
            .setUsageCoreNanoSeconds(value(usage.cpuNanos()));
    rates
        .nanoCores(id, startedAt, now, usage.cpuNanos())
        .ifPresent(rate -> cpu.setUsageNanoCores(value(rate)));
    usage.cpuPressure().ifPresent(cpu::setPsi);
    MemoryUsage.Builder memory =
        MemoryUsage.newBuilder()
            .setTimestamp(nanos(now))
            .setWorkingSetBytes(value(usage.workingSetBytes()))
            .setUsageBytes(value(usage.memoryBytes()))
            .setRssBytes(value(usage.rssBytes()))
            .setPageFaults(value(usage.pageFaults()))
            .setMajorPageFaults(value(usage.majorPageFaults()));
    usage.availableBytes().ifPresent(bytes -> memory.setAvailableBytes(value(bytes)));
    usage.memoryPressure().ifPresent(memory::setPsi);
    SwapUsage.Builder swap =
        SwapUsage.newBuilder().setTimestamp(nanos(now)).setSwapUsageBytes(value(usage.swapBytes()));
    usage.swapAvailableBytes().ifPresent(bytes -> swap.setSwapAvailableBytes(value(bytes)));
    stats.setCpu(cpu).setMemory(memory).setSwap(swap);
    usage
        .ioPressure()
        .ifPresent(psi -> stats.setIo(IoUsage.newBuilder().setTimestamp(nanos(now)).setPsi(psi)));
  }

  private static UInt64Value value(long number) {
    return UInt64Value.newBuilder().setValue(number).build();
  }

  /** Since the epoch, as all times of the CRI. */
  private static long nanos(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
  }
}
