package io.gantry.cri.container;

import io.gantry.cri.pod.Pods;
import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.OomKill;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroup.MemoryLevel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Tells it by the kernel's log and by the counters of the container's cgroup and of those above.
 * Thread-safe.
 */
public final class KernelsMemoryKills implements MemoryKills {
  private final Host host;
  private final ContainerCgroups cgroups;
  private final Pods pods;

  public KernelsMemoryKills(Host host, ContainerCgroups cgroups, Pods pods) {
    this.host = host;
    this.cgroups = cgroups;
    this.pods = pods;
  }

  @Override
  public String words(ContainerRecord container) {
    try {
      Optional<Cgroup> cgroup = cgroups.of(container.id());
      if (cgroup.isEmpty()) {
        return "out of memory";
      }
      Optional<OomKill> kill = lastKill(cgroup.get().path());
      String podCgroup = pods.find(container.podId()).map(pod -> pod.cgroupParent()).orElse("");
      return words(kill, cgroup.get().memoryLevels(), podCgroup);
    } catch (IOException e) {
      return "out of memory (its cgroup could not be read: " + e.getMessage() + ")";
    }
  }

  /** Not every machine lets its log be read; the counters tell the rest. */
  private Optional<OomKill> lastKill(String path) {
    try {
      return OomKill.lastIn(path, host.kernelMessages());
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /**
   * @param levels the container's first
   */
  static String words(Optional<OomKill> kill, List<MemoryLevel> levels, String podCgroup) {
    String victim =
        kill.map(found -> "process %d (%s)".formatted(found.pid(), found.command()))
            .orElse("a process");
    Optional<MemoryLevel> level =
        kill.isPresent()
            ? kill.get().limitedBy().flatMap(path -> named(levels, path))
            : met(levels);
    boolean machine = kill.map(found -> found.limitedBy().isEmpty()).orElse(level.isEmpty());
    if (machine) {
      return "out of memory: the kernel killed %s, because the machine itself ran out of memory"
          .formatted(victim);
    }
    if (level.isEmpty()) {
      return "out of memory: the kernel killed %s, because cgroup %s met its limit"
          .formatted(victim, kill.get().limitedBy().get());
    }
    MemoryLevel met = level.get();
    return "out of memory: the kernel killed %s, because %s (cgroup %s) met its limit of %s; most used at once: %s"
        .formatted(
            victim,
            whose(met, levels, podCgroup),
            met.path(),
            met.limitBytes().isPresent() ? bytes(met.limitBytes().getAsLong()) : "unknown size",
            met.peakBytes().isPresent() ? bytes(met.peakBytes().getAsLong()) : "unknown");
  }

  private static Optional<MemoryLevel> named(List<MemoryLevel> levels, String path) {
    // The kernel's path may begin above the tree that is mounted here.
    return levels.stream().filter(level -> path.endsWith(level.path())).findFirst();
  }

  /** Without the kernel's word: the nearest level that has met its limit. */
  private static Optional<MemoryLevel> met(List<MemoryLevel> levels) {
    return levels.stream()
        .filter(level -> level.limitBytes().isPresent() && level.limitHits() > 0)
        .findFirst();
  }

  private static String whose(MemoryLevel level, List<MemoryLevel> levels, String podCgroup) {
    if (level.equals(levels.get(0))) {
      return "the container";
    }
    return level.path().equals(podCgroup) ? "the pod" : "an ancestor of the pod";
  }

  private static String bytes(long bytes) {
    return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : bytes + " bytes";
  }
}
