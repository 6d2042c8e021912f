package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.runtime.linux.OomKill;
import io.gantry.runtime.linux.cgroup.Cgroup.MemoryLevel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KernelsMemoryKillsTest {
  private static final long MIB = 1 << 20;
  private static final MemoryLevel ROOMY = level("/k/pod/c", 100, 10, 0);
  private static final List<MemoryLevel> LEVELS =
      List.of(ROOMY, level("/k/pod", 64, 64, 7), level("/k", 512, 80, 0));

  private static MemoryLevel level(String path, long limit, long peak, long hits) {
    return new MemoryLevel(path, OptionalLong.of(limit * MIB), OptionalLong.of(peak * MIB), hits);
  }

  private static Optional<OomKill> kill(Optional<String> limitedBy) {
    return Optional.of(new OomKill(7, "java", "/k/pod/c", limitedBy));
  }

  private static String words(Optional<OomKill> kill, List<MemoryLevel> levels) {
    return KernelsMemoryKills.words(kill, levels, "/k/pod");
  }

  @Test
  void limitOfTheContainer() {
    assertEquals(
        "out of memory: the kernel killed process 7 (java), because the container (cgroup /k/pod/c)"
            + " met its limit of 100 MiB; most used at once: 10 MiB",
        words(kill(Optional.of("/k/pod/c")), LEVELS));
  }

  @Test
  void limitOfThePod_alsoWhereTheKernelsPathBeginsHigher() {
    assertEquals(
        "out of memory: the kernel killed process 7 (java), because the pod (cgroup /k/pod)"
            + " met its limit of 64 MiB; most used at once: 64 MiB",
        words(kill(Optional.of("/outer/k/pod")), LEVELS));
  }

  @Test
  void limitAboveThePod() {
    assertEquals(
        "out of memory: the kernel killed process 7 (java), because an ancestor of the pod"
            + " (cgroup /k) met its limit of 512 MiB; most used at once: 80 MiB",
        words(kill(Optional.of("/k")), LEVELS));
  }

  @Test
  void machine() {
    assertEquals(
        "out of memory: the kernel killed process 7 (java), because the machine itself ran out of"
            + " memory",
        words(kill(Optional.empty()), LEVELS));
  }

  @Test
  void withoutTheKernelsLog_theNearestLimitThatWasMet() {
    assertEquals(
        "out of memory: the kernel killed a process, because the pod (cgroup /k/pod)"
            + " met its limit of 64 MiB; most used at once: 64 MiB",
        words(Optional.empty(), LEVELS));
  }

  @Test
  void withoutTheKernelsLog_andNoLimitMet_itWasTheMachine() {
    assertEquals(
        "out of memory: the kernel killed a process, because the machine itself ran out of memory",
        words(Optional.empty(), List.of(ROOMY)));
  }
}
