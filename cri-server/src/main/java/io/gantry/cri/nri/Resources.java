package io.gantry.cri.nri;

import io.gantry.cri.container.ContainerHooks;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.nri.HugepageLimit;
import io.gantry.proto.nri.LinuxCPU;
import io.gantry.proto.nri.LinuxDeviceCgroup;
import io.gantry.proto.nri.LinuxMemory;
import io.gantry.proto.nri.LinuxPids;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.OptionalBool;
import io.gantry.proto.nri.OptionalInt64;
import io.gantry.proto.nri.OptionalUInt64;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHugepageLimit;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Limits, as plugins write them and as they are set. */
final class Resources {
  private Resources() {}

  /** As plugins read them. */
  static LinuxResources toNri(OciResources limits) {
    LinuxResources.Builder nri =
        LinuxResources.newBuilder()
            .setMemory(memory(limits.memory()))
            .setCpu(cpu(limits.cpu()))
            .putAllUnified(limits.unified());
    for (OciHugepageLimit limit : limits.hugepageLimits()) {
      nri.addHugepageLimits(
          HugepageLimit.newBuilder().setPageSize(limit.pageSize()).setLimit(limit.limitBytes()));
    }
    for (OciDeviceRule rule : limits.devices()) {
      LinuxDeviceCgroup.Builder device =
          LinuxDeviceCgroup.newBuilder()
              .setAllow(rule.allow())
              .setType(String.valueOf(rule.type()))
              .setAccess(rule.access());
      rule.major().ifPresent(major -> device.setMajor(int64(major)));
      rule.minor().ifPresent(minor -> device.setMinor(int64(minor)));
      nri.addDevices(device);
    }
    limits.pidsLimit().ifPresent(pids -> nri.setPids(LinuxPids.newBuilder().setLimit(pids)));
    return nri.build();
  }

  private static LinuxMemory memory(OciMemory memory) {
    LinuxMemory.Builder nri = LinuxMemory.newBuilder();
    memory.limit().ifPresent(bytes -> nri.setLimit(int64(bytes)));
    memory.reservation().ifPresent(bytes -> nri.setReservation(int64(bytes)));
    memory.swap().ifPresent(bytes -> nri.setSwap(int64(bytes)));
    memory.kernel().ifPresent(bytes -> nri.setKernel(int64(bytes)));
    memory.kernelTcp().ifPresent(bytes -> nri.setKernelTcp(int64(bytes)));
    memory.swappiness().ifPresent(value -> nri.setSwappiness(uint64(value)));
    memory
        .disableOomKiller()
        .ifPresent(off -> nri.setDisableOomKiller(OptionalBool.newBuilder().setValue(off)));
    return nri.build();
  }

  private static LinuxCPU cpu(OciCpu cpu) {
    LinuxCPU.Builder nri = LinuxCPU.newBuilder();
    cpu.shares().ifPresent(shares -> nri.setShares(uint64(shares)));
    cpu.quotaMicros().ifPresent(micros -> nri.setQuota(int64(micros)));
    cpu.periodMicros().ifPresent(micros -> nri.setPeriod(uint64(micros)));
    cpu.realtimeRuntimeMicros().ifPresent(micros -> nri.setRealtimeRuntime(int64(micros)));
    cpu.realtimePeriodMicros().ifPresent(micros -> nri.setRealtimePeriod(uint64(micros)));
    cpu.cpus().ifPresent(nri::setCpus);
    cpu.mems().ifPresent(nri::setMems);
    return nri.build();
  }

  private static OptionalInt64 int64(long value) {
    return OptionalInt64.newBuilder().setValue(value).build();
  }

  private static OptionalUInt64 uint64(long value) {
    return OptionalUInt64.newBuilder().setValue(value).build();
  }

  /** {@code before} with all that {@code change} sets put in its place. */
  static LinuxResources merge(LinuxResources before, LinuxResources change) {
    LinuxResources.Builder merged = before.toBuilder().mergeFrom(change);
    Map<String, HugepageLimit> pages = new LinkedHashMap<>();
    merged.getHugepageLimitsList().forEach(limit -> pages.put(limit.getPageSize(), limit));
    return merged.clearHugepageLimits().addAllHugepageLimits(pages.values()).build();
  }

  /**
   * {@code before} with all that a plugin sets put in its place.
   *
   * @throws IOException naming the plugin and what gantry cannot do
   */
  static OciResources apply(OciResources before, LinuxResources change, PluginName plugin)
      throws IOException {
    refuse(change.hasBlockioClass(), plugin, "a block I/O class");
    refuse(change.hasRdtClass(), plugin, "an RDT class");
    refuse(change.getMemory().hasUseHierarchy(), plugin, "memory.use_hierarchy");
    List<OciDeviceRule> devices = new ArrayList<>(before.devices());
    for (LinuxDeviceCgroup rule : change.getDevicesList()) {
      devices.add(rule(rule, plugin));
    }
    Map<String, OciHugepageLimit> pages = new LinkedHashMap<>();
    before.hugepageLimits().forEach(limit -> pages.put(limit.pageSize(), limit));
    for (HugepageLimit limit : change.getHugepageLimitsList()) {
      pages.put(limit.getPageSize(), new OciHugepageLimit(limit.getPageSize(), limit.getLimit()));
    }
    Map<String, String> unified = new LinkedHashMap<>(before.unified());
    unified.putAll(change.getUnifiedMap());
    return new OciResources(
        devices,
        apply(before.memory(), change.getMemory()),
        apply(before.cpu(), change.getCpu()),
        change.hasPids() ? OptionalLong.of(change.getPids().getLimit()) : before.pidsLimit(),
        before.blockIo(),
        List.copyOf(pages.values()),
        unified);
  }

  static void refuse(boolean asked, PluginName plugin, String what) throws IOException {
    if (asked) {
      throw new IOException(
          "NRI plugin " + plugin + " asks for " + what + ", which gantry cannot set");
    }
  }

  private static OciDeviceRule rule(LinuxDeviceCgroup rule, PluginName plugin) throws IOException {
    if (rule.getType().length() != 1) {
      throw new IOException(
          "NRI plugin " + plugin + ": device rule of the unknown type \"" + rule.getType() + "\"");
    }
    return new OciDeviceRule(
        rule.getAllow(),
        rule.getType().charAt(0),
        rule.hasMajor() ? OptionalLong.of(rule.getMajor().getValue()) : OptionalLong.empty(),
        rule.hasMinor() ? OptionalLong.of(rule.getMinor().getValue()) : OptionalLong.empty(),
        rule.getAccess());
  }

  private static OciMemory apply(OciMemory before, LinuxMemory change) {
    OptionalLong limit = or(change.hasLimit(), change.getLimit().getValue(), before.limit());
    // A limit that is raised above that of memory and swap together could not be set.
    OptionalLong swap =
        change.hasSwap() || !change.hasLimit()
            ? or(change.hasSwap(), change.getSwap().getValue(), before.swap())
            : limit;
    return new OciMemory(
        limit,
        or(change.hasReservation(), change.getReservation().getValue(), before.reservation()),
        swap,
        or(change.hasKernel(), change.getKernel().getValue(), before.kernel()),
        or(change.hasKernelTcp(), change.getKernelTcp().getValue(), before.kernelTcp()),
        or(change.hasSwappiness(), change.getSwappiness().getValue(), before.swappiness()),
        change.hasDisableOomKiller()
            ? Optional.of(change.getDisableOomKiller().getValue())
            : before.disableOomKiller(),
        before.checkBeforeUpdate());
  }

  private static OciCpu apply(OciCpu before, LinuxCPU change) {
    return new OciCpu(
        or(change.hasShares(), change.getShares().getValue(), before.shares()),
        or(change.hasQuota(), change.getQuota().getValue(), before.quotaMicros()),
        or(change.hasPeriod(), change.getPeriod().getValue(), before.periodMicros()),
        before.burstMicros(),
        or(
            change.hasRealtimeRuntime(),
            change.getRealtimeRuntime().getValue(),
            before.realtimeRuntimeMicros()),
        or(
            change.hasRealtimePeriod(),
            change.getRealtimePeriod().getValue(),
            before.realtimePeriodMicros()),
        before.idle(),
        change.getCpus().isEmpty() ? before.cpus() : Optional.of(change.getCpus()),
        change.getMems().isEmpty() ? before.mems() : Optional.of(change.getMems()));
  }

  private static OptionalLong or(boolean set, long value, OptionalLong otherwise) {
    return set ? OptionalLong.of(value) : otherwise;
  }

  /** What a container's status tells of limits that were set. */
  static LinuxContainerResources told(OciResources limits) {
    LinuxContainerResources.Builder told =
        LinuxContainerResources.newBuilder().putAllUnified(limits.unified());
    limits.cpu().shares().ifPresent(told::setCpuShares);
    limits.cpu().quotaMicros().ifPresent(told::setCpuQuota);
    limits.cpu().periodMicros().ifPresent(told::setCpuPeriod);
    limits.cpu().cpus().ifPresent(told::setCpusetCpus);
    limits.cpu().mems().ifPresent(told::setCpusetMems);
    limits.memory().limit().ifPresent(told::setMemoryLimitInBytes);
    limits.memory().swap().ifPresent(told::setMemorySwapLimitInBytes);
    for (OciHugepageLimit limit : limits.hugepageLimits()) {
      told.addHugepageLimits(
          io.gantry.proto.cri.v1.HugepageLimit.newBuilder()
              .setPageSize(limit.pageSize())
              .setLimit(limit.limitBytes()));
    }
    return told.build();
  }

  /** A change of limits that a plugin asks for. */
  static ContainerHooks.Change change(LinuxResources wanted, PluginName plugin) throws IOException {
    OciResources limits = apply(OciResources.NONE, wanted, plugin);
    return new ContainerHooks.Change(told(limits), limits);
  }
}
