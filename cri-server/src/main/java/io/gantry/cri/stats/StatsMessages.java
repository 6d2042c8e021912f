package io.gantry.cri.stats;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.pod.Pod;
import io.gantry.proto.cri.v1.ContainerAttributes;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.CpuUsage;
import io.gantry.proto.cri.v1.FilesystemIdentifier;
import io.gantry.proto.cri.v1.FilesystemUsage;
import io.gantry.proto.cri.v1.IoUsage;
import io.gantry.proto.cri.v1.LinuxPodSandboxStats;
import io.gantry.proto.cri.v1.MemoryUsage;
import io.gantry.proto.cri.v1.NetworkInterfaceUsage;
import io.gantry.proto.cri.v1.NetworkUsage;
import io.gantry.proto.cri.v1.PodSandboxAttributes;
import io.gantry.proto.cri.v1.PodSandboxStats;
import io.gantry.proto.cri.v1.ProcessUsage;
import io.gantry.proto.cri.v1.PsiData;
import io.gantry.proto.cri.v1.PsiStats;
import io.gantry.proto.cri.v1.SwapUsage;
import io.gantry.proto.cri.v1.UInt64Value;
import io.gantry.runtime.linux.Network.InterfaceCounters;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import java.time.Instant;
import java.util.OptionalLong;

/** Samples as the CRI shows them. */
final class StatsMessages {
  /** The name that CNI gives a pod's interface to the pods' network. */
  private static final String DEFAULT_INTERFACE = "eth0";

  private final String layersDirectory;

  /**
   * @param layersDirectory where writable layers lie, as ImageFsInfo names it too
   */
  StatsMessages(String layersDirectory) {
    this.layersDirectory = layersDirectory;
  }

  ContainerStats of(ContainerSample sample) {
    ContainerRecord record = sample.record();
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setAttributes(
                ContainerAttributes.newBuilder()
                    .setId(record.id())
                    .setMetadata(record.config().getMetadata())
                    .putAllLabels(record.config().getLabelsMap())
                    .putAllAnnotations(record.config().getAnnotationsMap()));
    sample.layer().ifPresent(layer -> stats.setWritableLayer(layer(layer)));
    long at = nanos(sample.at());
    sample
        .live()
        .ifPresent(
            live -> {
              CgroupStats used = live.stats();
              used.cpu().ifPresent(cpu -> stats.setCpu(cpu(at, cpu, live.nanoCores())));
              used.memory()
                  .ifPresent(
                      memory -> stats.setMemory(memory(at, memory)).setSwap(swap(at, memory)));
              used.ioPressure().ifPresent(psi -> stats.setIo(io(at, psi)));
            });
    return stats.build();
  }

  PodSandboxStats of(PodSample sample) {
    Pod pod = sample.pod();
    long at = nanos(sample.at());
    LinuxPodSandboxStats.Builder linux = LinuxPodSandboxStats.newBuilder();
    sample
        .live()
        .ifPresent(
            live -> {
              CgroupStats used = live.stats();
              used.cpu().ifPresent(cpu -> linux.setCpu(cpu(at, cpu, live.nanoCores())));
              used.memory().ifPresent(memory -> linux.setMemory(memory(at, memory)));
              used.ioPressure().ifPresent(psi -> linux.setIo(io(at, psi)));
              linux.setProcess(
                  ProcessUsage.newBuilder()
                      .setTimestamp(at)
                      .setProcessCount(value(live.processes())));
            });
    if (!sample.interfaces().isEmpty()) {
      linux.setNetwork(network(at, sample));
    }
    sample.containers().forEach(container -> linux.addContainers(of(container)));
    return PodSandboxStats.newBuilder()
        .setAttributes(
            PodSandboxAttributes.newBuilder()
                .setId(pod.id())
                .setMetadata(pod.config().getMetadata())
                .putAllLabels(pod.config().getLabelsMap())
                .putAllAnnotations(pod.config().getAnnotationsMap()))
        .setLinux(linux)
        .build();
  }

  private static CpuUsage cpu(long at, CgroupStats.Cpu cpu, OptionalLong nanoCores) {
    CpuUsage.Builder usage =
        CpuUsage.newBuilder().setTimestamp(at).setUsageCoreNanoSeconds(value(cpu.usageNanos()));
    nanoCores.ifPresent(rate -> usage.setUsageNanoCores(value(rate)));
    cpu.pressure().ifPresent(psi -> usage.setPsi(pressure(psi)));
    return usage.build();
  }

  private static MemoryUsage memory(long at, CgroupStats.Memory memory) {
    MemoryUsage.Builder usage =
        MemoryUsage.newBuilder()
            .setTimestamp(at)
            .setWorkingSetBytes(value(memory.workingSetBytes()))
            .setUsageBytes(value(memory.usageBytes()))
            .setRssBytes(value(memory.rssBytes()))
            .setPageFaults(value(memory.pageFaults()))
            .setMajorPageFaults(value(memory.majorPageFaults()));
    memory
        .limitBytes()
        .ifPresent(
            limit -> usage.setAvailableBytes(value(Math.max(0, limit - memory.workingSetBytes()))));
    memory.pressure().ifPresent(psi -> usage.setPsi(pressure(psi)));
    return usage.build();
  }

  private static SwapUsage swap(long at, CgroupStats.Memory memory) {
    long used = memory.swapUsageBytes().orElse(0);
    SwapUsage.Builder usage =
        SwapUsage.newBuilder().setTimestamp(at).setSwapUsageBytes(value(used));
    memory
        .swapLimitBytes()
        .ifPresent(limit -> usage.setSwapAvailableBytes(value(Math.max(0, limit - used))));
    return usage.build();
  }

  private static IoUsage io(long at, CgroupStats.Pressure psi) {
    return IoUsage.newBuilder().setTimestamp(at).setPsi(pressure(psi)).build();
  }

  private static PsiStats pressure(CgroupStats.Pressure psi) {
    return PsiStats.newBuilder().setSome(line(psi.some())).setFull(line(psi.full())).build();
  }

  private static PsiData line(CgroupStats.Line line) {
    return PsiData.newBuilder()
        .setTotal(line.totalMicros())
        .setAvg10(line.avg10())
        .setAvg60(line.avg60())
        .setAvg300(line.avg300())
        .build();
  }

  private static NetworkUsage network(long at, PodSample sample) {
    NetworkUsage.Builder usage = NetworkUsage.newBuilder().setTimestamp(at);
    for (InterfaceCounters counters : sample.interfaces()) {
      NetworkInterfaceUsage one =
          NetworkInterfaceUsage.newBuilder()
              .setName(counters.name())
              .setRxBytes(value(counters.receivedBytes()))
              .setRxErrors(value(counters.receiveErrors()))
              .setTxBytes(value(counters.sentBytes()))
              .setTxErrors(value(counters.sendErrors()))
              .build();
      if (counters.name().equals(DEFAULT_INTERFACE)) {
        usage.setDefaultInterface(one);
      } else {
        usage.addInterfaces(one);
      }
    }
    return usage.build();
  }

  private FilesystemUsage layer(LayerUsage.Measured layer) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(nanos(layer.at()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(layersDirectory))
        .setUsedBytes(value(layer.usage().bytes()))
        .setInodesUsed(value(layer.usage().inodes()))
        .build();
  }

  private static UInt64Value value(long number) {
    return UInt64Value.newBuilder().setValue(number).build();
  }

  /** Since the epoch, as all times of the CRI. */
  private static long nanos(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
  }
}
