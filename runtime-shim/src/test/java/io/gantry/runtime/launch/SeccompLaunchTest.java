package io.gantry.runtime.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.seccomp.DefaultProfile;
import io.gantry.runtime.seccomp.Seccomp;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiled filters under the real kernel. */
@Tag("root")
class SeccompLaunchTest {
  private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");

  private final Linux linux = Linux.open();
  private Launcher launcher;

  @BeforeEach
  void load() throws Exception {
    // A filter without no_new_privs needs CAP_SYS_ADMIN.
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    launcher = new Launcher(linux);
  }

  private static OciSeccomp profile(String defaultAction, String action, String... names) {
    return new OciSeccomp(
        defaultAction,
        OptionalInt.empty(),
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(new OciSeccomp.Rule(List.of(names), action, OptionalInt.empty(), List.of())));
  }

  private ExitStatus run(OciSeccomp profile, String... command) throws Exception {
    SeccompFilter filter = Seccomp.compile(profile, Architecture.current());
    try (Fd none = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      int silent = none.number();
      LaunchPlan plan =
          LaunchPlan.builder()
              .standardStreams(silent, silent, silent)
              .closeDescriptorsFrom(3)
              .seccomp(filter.program(), filter.flags())
              .execute(command[0], List.of(command), ENVIRONMENT, List.of("/usr/bin", "/bin"));
      Launched launched = launcher.launch(plan, CloneOptions.plain());
      try (Fd pidfd = launched.pidfd()) {
        return linux.processes().await(pidfd);
      }
    }
  }

  @Test
  void deniedCall_failsInTheProgram(@TempDir Path directory) throws Exception {
    Path made = directory.resolve("made");
    OciSeccomp noDirectories = profile("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "mkdir", "mkdirat");
    assertEquals(1, run(noDirectories, "mkdir", made.toString()).code());
    assertFalse(Files.exists(made));

    OciSeccomp noFifos = profile("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "mknod", "mknodat");
    assertEquals(0, run(noFifos, "mkdir", made.toString()).code());
    assertTrue(Files.exists(made));
  }

  @Test
  void killingAction_endsTheProgramBySignal(@TempDir Path directory) throws Exception {
    OciSeccomp killing = profile("SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS", "mkdir", "mkdirat");
    ExitStatus status = run(killing, "mkdir", directory.resolve("made").toString());
    assertTrue(status.signalled());
    assertEquals(31, status.value(), "SIGSYS");
  }

  @Test
  void defaultProfile_allowsOrdinaryPrograms() throws Exception {
    OciSeccomp profile = DefaultProfile.of(Architecture.current(), linux.host().kernel(), Set.of());
    assertEquals(0, run(profile, "true").code());
    assertEquals(0, run(profile, "sh", "-c", "ls / | wc -l; (sleep 0 &); wait").code());
  }

  @Test
  void defaultProfile_followsTheCapabilities() throws Exception {
    OciSeccomp confined =
        DefaultProfile.of(Architecture.current(), linux.host().kernel(), Set.of());
    OciSeccomp administrator =
        DefaultProfile.of(Architecture.current(), linux.host().kernel(), Set.of("CAP_SYS_ADMIN"));
    assertEquals(1, run(confined, "unshare", "-m", "true").code());
    assertEquals(0, run(administrator, "unshare", "-m", "true").code());
  }

  @Test
  void filterThatForbidsExecve_failsTheLaunchByName() {
    OciSeccomp stuck = profile("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "execve");
    LaunchException e = assertThrows(LaunchException.class, () -> run(stuck, "/bin/true"));
    assertEquals("execute /bin/true", e.step());
    assertEquals(Errno.EPERM, e.errno());
  }

  @Test
  void filterThatForbidsEvenToExit_stillEndsTheChild() {
    OciSeccomp nothing = profile("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "rt_sigprocmask");
    LaunchException e = assertThrows(LaunchException.class, () -> run(nothing, "/bin/true"));
    assertEquals("execute /bin/true", e.step());
  }

  @Test
  void filterThatKills_isReportedAsSuch() {
    OciSeccomp deadly = profile("SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS", "rt_sigprocmask");
    LaunchException e = assertThrows(LaunchException.class, () -> run(deadly, "/bin/true"));
    assertEquals("unblock signals: the process was killed there", e.getMessage());
  }
}
