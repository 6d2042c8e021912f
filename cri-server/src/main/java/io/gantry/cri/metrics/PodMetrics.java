package io.gantry.cri.metrics;

import io.gantry.cri.container.ContainerCgroups;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.stats.ContainerSample;
import io.gantry.cri.stats.LayerUsage;
import io.gantry.cri.stats.PodSample;
import io.gantry.proto.cri.v1.ContainerMetrics;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.PodSandboxMetrics;
import io.gantry.runtime.linux.DeviceNumber;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.Network.InterfaceCounters;
import io.gantry.runtime.linux.Processes.OpenFiles;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Resources;
import io.gantry.runtime.linux.cgroup.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** All metrics of a pod and its containers. Thread-safe. */
public final class PodMetrics {
  /** What cAdvisor calls the container that holds a pod's network. */
  private static final String POD = "POD";

  private static final long LEAST_CPU_SHARES = 2;
  private static final long DEFAULT_CPU_PERIOD_MICROS = 100_000;

  private final Linux linux;
  private final ContainerCgroups cgroups;
  private final CgroupMetrics cgroupMetrics;
  private final String layersDevice;

  /**
   * @param layersDirectory where writable layers lie
   */
  public PodMetrics(Linux linux, ContainerCgroups cgroups, Path layersDirectory)
      throws IOException {
    this.linux = linux;
    this.cgroups = cgroups;
    this.cgroupMetrics = new CgroupMetrics(linux.host());
    DeviceNumber device = linux.files().stat(Fd.CWD, layersDirectory.toString(), 0).device();
    this.layersDevice = cgroupMetrics.device(device.major(), device.minor());
  }

  PodSandboxMetrics of(PodSample sample) {
    Pod pod = sample.pod();
    Sheet sheet = new Sheet(labels(POD, pod.cgroupParent(), "", pod.id(), pod), sample.at());
    sheet.add(MetricName.LAST_SEEN, sample.at().getEpochSecond());
    sheet.add(MetricName.START_TIME, pod.createdAt().getEpochSecond());
    sample.live().ifPresent(live -> cgroupMetrics.add(sheet, live.stats()));
    sample.live().ifPresent(live -> sheet.add(MetricName.PROCESSES, live.processes()));
    sample.interfaces().forEach(counters -> network(sheet, counters));
    PodSandboxMetrics.Builder metrics =
        PodSandboxMetrics.newBuilder().setPodSandboxId(pod.id()).addAllMetrics(sheet.metrics());
    sample.containers().forEach(container -> metrics.addContainerMetrics(of(pod, container)));
    return metrics.build();
  }

  private static List<String> labels(
      String container, String cgroup, String image, String name, Pod pod) {
    return List.of(
        container,
        cgroup,
        image,
        name,
        pod.config().getMetadata().getNamespace(),
        pod.config().getMetadata().getName());
  }

  private static void network(Sheet sheet, InterfaceCounters counters) {
    String name = counters.name();
    sheet.add(MetricName.NETWORK_RECEIVE_BYTES, counters.receivedBytes(), name);
    sheet.add(MetricName.NETWORK_RECEIVE_PACKETS, counters.receivedPackets(), name);
    sheet.add(MetricName.NETWORK_RECEIVE_ERRORS, counters.receiveErrors(), name);
    sheet.add(MetricName.NETWORK_RECEIVE_DROPPED, counters.receiveDropped(), name);
    sheet.add(MetricName.NETWORK_TRANSMIT_BYTES, counters.sentBytes(), name);
    sheet.add(MetricName.NETWORK_TRANSMIT_PACKETS, counters.sentPackets(), name);
    sheet.add(MetricName.NETWORK_TRANSMIT_ERRORS, counters.sendErrors(), name);
    sheet.add(MetricName.NETWORK_TRANSMIT_DROPPED, counters.sendDropped(), name);
  }

  private ContainerMetrics of(Pod pod, ContainerSample sample) {
    ContainerRecord record = sample.record();
    String name = record.config().getMetadata().getName();
    Sheet sheet =
        new Sheet(
            labels(name, sample.cgroup(), record.image().name(), record.id(), pod), sample.at());
    sheet.add(MetricName.LAST_SEEN, sample.at().getEpochSecond());
    sample.live().ifPresent(live -> cgroupMetrics.add(sheet, live.stats()));
    sample.live().ifPresent(live -> sheet.add(MetricName.PROCESSES, live.processes()));
    sample.layer().ifPresent(layer -> layer(sheet, layer));
    if (record.state() instanceof State.Running running) {
      sheet.add(MetricName.START_TIME, running.startedAt().getEpochSecond());
      processes(sheet, record.id(), running.pid());
    }
    specification(sheet, record.resources());
    return ContainerMetrics.newBuilder()
        .setContainerId(record.id())
        .addAllMetrics(sheet.metrics())
        .build();
  }

  private void layer(Sheet sheet, LayerUsage.Measured layer) {
    FileSystemStatus filesystem = layer.filesystem();
    sheet.add(MetricName.FS_USAGE, layer.usage().bytes(), layersDevice);
    sheet.add(MetricName.FS_LIMIT, filesystem.blocks() * filesystem.blockSizeBytes(), layersDevice);
    sheet.add(MetricName.FS_INODES_TOTAL, filesystem.inodes(), layersDevice);
    sheet.add(MetricName.FS_INODES_FREE, filesystem.freeInodes(), layersDevice);
  }

  /** What ends meanwhile is not counted, and a container that does leaves these out. */
  private void processes(Sheet sheet, String containerId, int firstPid) {
    try {
      Optional<Cgroup> cgroup = cgroups.of(containerId);
      int descriptors = 0;
      int sockets = 0;
      for (int pid : cgroup.isEmpty() ? List.<Integer>of() : cgroup.get().pids()) {
        OpenFiles open = linux.processes().openFiles(pid);
        descriptors += open.all();
        sockets += open.sockets();
      }
      long limit = linux.processes().limit(firstPid, Resources.NOFILE).soft();
      sheet.add(MetricName.FILE_DESCRIPTORS, descriptors);
      sheet.add(MetricName.SOCKETS, sockets);
      if (limit != ResourceLimit.INFINITY) {
        sheet.add(MetricName.ULIMITS_SOFT, limit, "max_open_files");
      }
    } catch (IOException ended) {
      return;
    }
  }

  /** Shares and period have a value even where nobody asked for one: the kernel's. */
  private static void specification(Sheet sheet, LinuxContainerResources limits) {
    sheet.add(MetricName.SPEC_CPU_SHARES, Math.max(LEAST_CPU_SHARES, limits.getCpuShares()));
    sheet.add(
        MetricName.SPEC_CPU_PERIOD,
        limits.getCpuPeriod() > 0 ? limits.getCpuPeriod() : DEFAULT_CPU_PERIOD_MICROS);
    if (limits.getCpuQuota() > 0) {
      sheet.add(MetricName.SPEC_CPU_QUOTA, limits.getCpuQuota());
    }
    sheet.add(MetricName.SPEC_MEMORY_LIMIT, limits.getMemoryLimitInBytes());
    sheet.add(MetricName.SPEC_MEMORY_SWAP_LIMIT, limits.getMemorySwapLimitInBytes());
    sheet.add(MetricName.SPEC_MEMORY_RESERVATION, reservation(limits));
  }

  private static long reservation(LinuxContainerResources limits) {
    String asked =
        limits.getUnifiedOrDefault("memory.low", limits.getUnifiedOrDefault("memory.min", "0"));
    try {
      return Long.parseLong(asked);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }
}
