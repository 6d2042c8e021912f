package io.gantry.cri.nri;

import io.gantry.proto.nri.AdjustedField;
import io.gantry.proto.nri.LinuxCPU;
import io.gantry.proto.nri.LinuxMemory;
import io.gantry.proto.nri.LinuxResources;
import java.util.EnumMap;
import java.util.Map;

/** Which of the limits that have one value are set. */
final class LimitFields {
  private LimitFields() {}

  static Map<AdjustedField, Boolean> of(LinuxResources limits) {
    Map<AdjustedField, Boolean> fields = new EnumMap<>(AdjustedField.class);
    LinuxMemory memory = limits.getMemory();
    fields.put(AdjustedField.MEM_LIMIT, memory.hasLimit());
    fields.put(AdjustedField.MEM_RESERVATION, memory.hasReservation());
    fields.put(AdjustedField.MEM_SWAP_LIMIT, memory.hasSwap());
    fields.put(AdjustedField.MEM_KERNEL_LIMIT, memory.hasKernel());
    fields.put(AdjustedField.MEM_TCP_LIMIT, memory.hasKernelTcp());
    fields.put(AdjustedField.MEM_SWAPPINESS, memory.hasSwappiness());
    fields.put(AdjustedField.MEM_DISABLE_OOM_KILLER, memory.hasDisableOomKiller());
    fields.put(AdjustedField.MEM_USE_HIERARCHY, memory.hasUseHierarchy());
    LinuxCPU cpu = limits.getCpu();
    fields.put(AdjustedField.CPU_SHARES, cpu.hasShares());
    fields.put(AdjustedField.CPU_QUOTA, cpu.hasQuota());
    fields.put(AdjustedField.CPU_PERIOD, cpu.hasPeriod());
    fields.put(AdjustedField.CPU_REALTIME_RUNTIME, cpu.hasRealtimeRuntime());
    fields.put(AdjustedField.CPU_REALTIME_PERIOD, cpu.hasRealtimePeriod());
    fields.put(AdjustedField.CPU_SET_CPUS, !cpu.getCpus().isEmpty());
    fields.put(AdjustedField.CPU_SET_MEMS, !cpu.getMems().isEmpty());
    fields.put(AdjustedField.PIDS_LIMIT, limits.hasPids());
    fields.put(AdjustedField.BLOCKIO_CLASS, limits.hasBlockioClass());
    fields.put(AdjustedField.RDT_CLASS, limits.hasRdtClass());
    return fields;
  }
}
