package io.gantry.runtime.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Resources;
import io.gantry.runtime.linux.Syscall;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaunchPlanTest {
  private static final List<String> NONE = List.of();

  @Test
  void plan_printsLikeStrace() {
    LaunchPlan plan =
        LaunchPlan.builder()
            .joinNamespace(7, NamespaceKind.NETWORK)
            .mount("proc", "/r/proc", "proc", 2 | 4 | 8, null)
            .mount("/dev/null", "/r/proc/kcore", null, 4096, null)
            .ignoring(Errno.ENOENT)
            .pivotRoot("/r", "/r")
            .unmountDetached("/")
            .limit("RLIMIT_NOFILE", Resources.NOFILE, new ResourceLimit(1024, -1))
            .group(100)
            .user(-2)
            .execute("sh", List.of("sh", "-c", "echo \"hi\""), List.of("A=b"), List.of("/bin"));
    assertEquals(
        """
        $0 = setns(7, CLONE_NEWNET)  # join net namespace
        $1 = mount("proc", "/r/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)  # mount proc at /r/proc
        $2 = mount("/dev/null", "/r/proc/kcore", NULL, MS_BIND, NULL)  # mount /dev/null at /r/proc/kcore, ignoring ENOENT
        $3 = pivot_root("/r", "/r")  # pivot root to /r
        $4 = umount2("/", MNT_DETACH)  # unmount /
        $5 = prlimit64(0, RLIMIT_NOFILE, {1024, 18446744073709551615}, NULL)  # set limit RLIMIT_NOFILE
        $6 = setresgid(100, 100, 100)  # become group 100
        $7 = setresuid(4294967294, 4294967294, 4294967294)  # become user 4294967294
        $8 = rt_sigprocmask(SIG_SETMASK, [], NULL, 8)  # unblock signals
        $9 = execve("/bin/sh", ["sh", "-c", "echo \\"hi\\""], ["A=b"])  # execute /bin/sh
        """,
        plan.toString());
  }

  @Test
  void search_triesEachDirectoryAndIgnoresMissesButTheLast() {
    LaunchPlan plan =
        LaunchPlan.builder().execute("x", List.of("x"), NONE, List.of("/a", "", "/b"));
    List<Step> steps = plan.steps();
    assertEquals("execute /a/x", steps.get(1).name());
    assertEquals("execute ./x", steps.get(2).name());
    assertEquals("execute /b/x", steps.get(3).name());
    assertEquals(List.of(Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR), steps.get(1).ignored());
    assertEquals(List.of(), steps.get(3).ignored());
  }

  @Test
  void boundingSet_losesAllButTheKept() {
    LaunchPlan plan =
        LaunchPlan.builder()
            .boundCapabilities(1L << 0 | 1L << 3, 4)
            .ambientCapabilities(1L << 3)
            .execute("/x", List.of("x"), NONE, NONE);
    assertEquals("drop CAP_DAC_OVERRIDE from the bounding set", plan.steps().get(0).name());
    assertEquals("drop CAP_DAC_READ_SEARCH from the bounding set", plan.steps().get(1).name());
    assertEquals("drop CAP_FSETID from the bounding set", plan.steps().get(2).name());
    assertEquals("clear ambient capabilities", plan.steps().get(3).name());
    assertEquals("raise ambient CAP_FOWNER", plan.steps().get(4).name());
  }

  @Test
  void crossedStreams_areSavedBeforeTheyAreOverwritten() {
    LaunchPlan plan =
        LaunchPlan.builder().standardStreams(1, 0, 2).execute("/x", List.of("x"), NONE, NONE);
    String text = plan.toString();
    assertTrue(text.contains("$0 = fcntl(1, F_DUPFD_CLOEXEC, 3)"), text);
    assertTrue(text.contains("$1 = fcntl(0, F_DUPFD_CLOEXEC, 3)"), text);
    assertTrue(text.contains("$2 = dup3($0, 0, 0)"), text);
    assertTrue(text.contains("$3 = dup3($1, 1, 0)"), text);
    assertTrue(text.contains("$4 = fcntl(2, F_SETFD, 0)"), text);
  }

  @Test
  void planWithoutExecution_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> new LaunchPlan(List.of()));
    Step close = new Step("close", Syscall.CLOSE, List.of(Argument.of(3)), List.of());
    assertThrows(IllegalArgumentException.class, () -> new LaunchPlan(List.of(close)));
    Step lenient =
        new Step("execute", Syscall.EXECVE, List.of(Argument.of("/x")), List.of(Errno.ENOENT));
    assertThrows(IllegalArgumentException.class, () -> new LaunchPlan(List.of(lenient)));
  }

  @Test
  void resultOfALaterStep_isRefused() {
    Step use = new Step("close", Syscall.CLOSE, List.of(new Argument.Result(1)), List.of());
    Step execute = new Step("execute", Syscall.EXECVE, List.of(Argument.of("/x")), List.of());
    assertThrows(IllegalArgumentException.class, () -> new LaunchPlan(List.of(use, execute)));
  }

  @Test
  void textWithAZeroByte_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> Argument.of("/a\0b"));
  }
}
