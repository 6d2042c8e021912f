package io.gantry.cri.stats;

import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.linux.cgroup.CgroupStats.Cpu;
import io.gantry.runtime.linux.cgroup.CgroupStats.Memory;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Adds up what several cgroups use: processor time and memory. Limits and pressure have no sum. */
final class CgroupSum {
  private CgroupSum() {}

  static CgroupStats of(List<CgroupStats> parts) {
    List<Cpu> cpus = parts.stream().flatMap(part -> part.cpu().stream()).toList();
    List<Memory> memories = parts.stream().flatMap(part -> part.memory().stream()).toList();
    return new CgroupStats(
        Optional.of(cpu(cpus)),
        Optional.of(memory(memories)),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Cpu cpu(List<Cpu> all) {
    return new Cpu(
        sum(all, Cpu::usageNanos),
        sum(all, Cpu::userNanos),
        sum(all, Cpu::systemNanos),
        sum(all, Cpu::periods),
        sum(all, Cpu::throttledPeriods),
        sum(all, Cpu::throttledNanos),
        Optional.empty());
  }

  private static Memory memory(List<Memory> all) {
    return new Memory(
        sum(all, Memory::usageBytes),
        OptionalLong.empty(),
        OptionalLong.empty(),
        sum(all, Memory::workingSetBytes),
        sum(all, Memory::rssBytes),
        sum(all, Memory::cacheBytes),
        sum(all, Memory::mappedFileBytes),
        sumOfPresent(all, Memory::swapUsageBytes),
        OptionalLong.empty(),
        sum(all, Memory::pageFaults),
        sum(all, Memory::majorPageFaults),
        sum(all, Memory::inactiveFileBytes),
        sum(all, Memory::activeFileBytes),
        sum(all, Memory::inactiveAnonBytes),
        sum(all, Memory::activeAnonBytes),
        sumOfPresent(all, Memory::kernelBytes),
        sum(all, Memory::limitHits),
        sum(all, Memory::oomKills),
        Optional.empty());
  }

  private static <T> long sum(List<T> all, ToLongFunction<T> part) {
    return all.stream().mapToLong(part).sum();
  }

  private static <T> OptionalLong sumOfPresent(List<T> all, Function<T, OptionalLong> part) {
    long[] present =
        all.stream()
            .map(part)
            .filter(OptionalLong::isPresent)
            .mapToLong(OptionalLong::getAsLong)
            .toArray();
    return present.length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(java.util.Arrays.stream(present).sum());
  }
}
