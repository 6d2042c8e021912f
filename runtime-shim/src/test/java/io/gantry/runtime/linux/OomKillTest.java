package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OomKillTest {
  private static String line(String constraint, String level, String cgroup, String task) {
    return "oom-kill:constraint=%s,nodemask=(null),cpuset=c,mems_allowed=0,%stask_memcg=%s,task=%s,pid=42,uid=0"
        .formatted(constraint, level, cgroup, task);
  }

  private static final String BY_POD =
      line("CONSTRAINT_MEMCG", "oom_memcg=/k/pod,", "/k/pod/c", "java");

  @Test
  void lastIn_findsTheLastOneOfTheCgroupAmongOthers() {
    List<String> messages =
        List.of(
            line("CONSTRAINT_MEMCG", "oom_memcg=/k/pod/c,", "/k/pod/c", "old"),
            BY_POD,
            line("CONSTRAINT_MEMCG", "oom_memcg=/k/pod/cc,", "/k/pod/cc", "other"),
            "eth0: link is up");
    assertEquals(
        Optional.of(new OomKill(42, "java", "/k/pod/c", Optional.of("/k/pod"))),
        OomKill.lastIn("/k/pod/c", messages));
  }

  @Test
  void lastIn_findsThoseBelowTheCgroup() {
    String below = line("CONSTRAINT_MEMCG", "oom_memcg=/k/pod,", "/k/pod/c/inner", "java");
    assertEquals(
        "/k/pod/c/inner", OomKill.lastIn("/k/pod/c", List.of(below)).orElseThrow().cgroup());
  }

  @Test
  void lastIn_tellsAMachineWithoutMemory() {
    String global = line("CONSTRAINT_NONE", "global_oom,", "/k/pod/c", "java");
    assertEquals(
        Optional.empty(), OomKill.lastIn("/k/pod/c", List.of(global)).orElseThrow().limitedBy());
  }

  @Test
  void lastIn_takesANameWithCommas() {
    String odd = line("CONSTRAINT_MEMCG", "oom_memcg=/k/pod/c,", "/k/pod/c", "a,pid=1,b");
    assertEquals("a,pid=1,b", OomKill.lastIn("/k/pod/c", List.of(odd)).orElseThrow().command());
  }

  @Test
  void lastIn_isEmptyForWhatIsNoSuchMessage() {
    assertEquals(
        Optional.empty(), OomKill.lastIn("/c", List.of("oom-kill:constraint=x", "task_memcg=/c")));
  }
}
