package io.gantry.runtime.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Pipe;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Resources;
import io.gantry.runtime.linux.Syscall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final Linux LINUX = Linux.open();
  private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin", "A=b c");
  private static final List<String> PATH = List.of("/usr/local/nothing", "/usr/bin", "/bin");

  private static Launcher launcher;

  @BeforeAll
  static void load() throws Exception {
    launcher = new Launcher(LINUX);
  }

  private static LaunchPlan program(String... arguments) {
    return LaunchPlan.builder()
        .closeDescriptorsFrom(3)
        .execute(arguments[0], List.of(arguments), ENVIRONMENT, PATH);
  }

  private static int run(LaunchPlan plan) throws Exception {
    Launched launched = launcher.launch(plan, CloneOptions.plain());
    try (Fd pidfd = launched.pidfd()) {
      ExitStatus status = LINUX.processes().await(pidfd);
      assertEquals(launched.pid(), status.pid());
      return status.code();
    }
  }

  private interface Preparation {
    LaunchPlanBuilder on(LaunchPlanBuilder plan);
  }

  /** Runs a shell script after some steps and returns what it prints. */
  private static String script(String script, Preparation preparation) throws Exception {
    return output(List.of("/bin/sh", "-c", script), preparation);
  }

  /** Runs a program after some steps and returns what it prints. */
  private static String output(List<String> command, Preparation preparation) throws Exception {
    try (Pipe pipe = LINUX.files().pipe2(0)) {
      int output = pipe.writeEnd().number();
      LaunchPlan plan =
          preparation
              .on(LaunchPlan.builder().standardStreams(0, output, output))
              .closeDescriptorsFrom(3)
              .execute(command.get(0), command, ENVIRONMENT, List.of());
      Launched launched = launcher.launch(plan, CloneOptions.plain());
      pipe.writeEnd().close();
      StringBuilder out = new StringBuilder();
      byte[] buffer = new byte[4096];
      int length;
      while ((length = LINUX.files().read(pipe.readEnd(), buffer, 0, buffer.length)) > 0) {
        out.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
      }
      try (Fd pidfd = launched.pidfd()) {
        LINUX.processes().await(pidfd);
      }
      return out.toString();
    }
  }

  @Test
  void program_runsAndItsExitCodeIsKnown() throws Exception {
    assertEquals(0, run(program("/bin/true")));
    assertEquals(1, run(program("/bin/false")));
    assertEquals(42, run(program("/bin/sh", "-c", "exit 42")));
    assertEquals(128 + 9, run(program("/bin/sh", "-c", "kill -9 $$")));
  }

  @Test
  void program_isSearchedAlongThePath() throws Exception {
    assertEquals(0, run(program("true")));
  }

  @Test
  void missingProgram_isReportedAsSuch() {
    LaunchException e = assertThrows(LaunchException.class, () -> run(program("/no/such")));
    assertEquals(Errno.ENOENT, e.errno());
    assertTrue(e.isAtExecute());
    assertEquals("execute /no/such: ENOENT (no such file or directory)", e.getMessage());

    e = assertThrows(LaunchException.class, () -> run(program("no-such-program")));
    assertEquals(Errno.ENOENT, e.errno());
    assertEquals(
        "find no-such-program in /usr/local/nothing:/usr/bin:/bin: ENOENT (no such file or"
            + " directory)",
        e.getMessage());
  }

  @Test
  void programThatMayNotBeExecuted_outweighsMissingOnes(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("tool"), "#!/bin/sh\n");
    LaunchPlan plan =
        LaunchPlan.builder()
            .execute(
                "tool", List.of("tool"), List.of(), List.of("/bin", directory.toString(), "/usr"));
    LaunchException e = assertThrows(LaunchException.class, () -> run(plan));
    assertEquals(Errno.EACCES, e.errno());
    assertEquals("execute " + directory.resolve("tool"), e.step());
  }

  @Test
  void fileThatIsNoProgram_isReportedAsSuch(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("file");
    Files.writeString(file, "just text");
    assertTrue(file.toFile().setExecutable(true));
    LaunchException e = assertThrows(LaunchException.class, () -> run(program(file.toString())));
    assertEquals(Errno.ENOEXEC, e.errno());
  }

  @Test
  void emptyPath_findsNothing() {
    LaunchPlan plan = LaunchPlan.builder().execute("sh", List.of("sh"), List.of(), List.of());
    LaunchException e = assertThrows(LaunchException.class, () -> run(plan));
    assertEquals("find sh in an empty PATH: ENOENT (no such file or directory)", e.getMessage());
  }

  @Test
  void failingStep_isNamedAndTheChildIsGone() {
    LaunchPlan plan =
        LaunchPlan.builder()
            .umask(022)
            .mount("/no/source", "/no/target", null, 4096, null)
            .execute("/bin/true", List.of("true"), List.of(), List.of());
    LaunchException e = assertThrows(LaunchException.class, () -> run(plan));
    assertEquals("mount /no/source at /no/target", e.step());
    assertEquals(Errno.ENOENT, e.errno());
    assertFalse(e.isAtExecute());
    LinuxException none = assertThrows(LinuxException.class, () -> LINUX.processes().pollAny());
    assertEquals(Errno.ECHILD, none.errno());
  }

  @Test
  void eachStep_failsUnderItsOwnName() {
    for (int failing = 0; failing < 20; failing++) {
      LaunchPlanBuilder plan = LaunchPlan.builder();
      for (int i = 0; i < 20; i++) {
        plan.changeDirectory(i == failing ? "/missing-" + i : "/");
      }
      LaunchPlan done = plan.execute("/bin/true", List.of("true"), List.of(), List.of());
      LaunchException e = assertThrows(LaunchException.class, () -> run(done));
      assertEquals("change directory to /missing-" + failing, e.step());
    }
  }

  @Test
  void ignoredErrnos_doNotEndTheLaunch() throws Exception {
    LaunchPlan plan =
        LaunchPlan.builder()
            .changeDirectory("/missing")
            .ignoring(Errno.EPERM, Errno.EACCES, Errno.ENOTDIR, Errno.ENOENT)
            .execute("/bin/true", List.of("true"), List.of(), List.of());
    assertEquals(0, run(plan));
  }

  @Test
  void childKilledInMidPlan_isReported() {
    LaunchPlanBuilder killing = LaunchPlan.builder().step("ask for the id", Syscall.GETPID);
    Argument self = killing.lastResult();
    LaunchPlan suicidal =
        killing
            .step("kill itself", Syscall.KILL, self, Argument.of(9))
            .execute("/bin/true", List.of("true"), List.of(), List.of());
    LaunchException e = assertThrows(LaunchException.class, () -> run(suicidal));
    assertEquals("kill itself: the process was killed there", e.getMessage());
  }

  @Test
  void argumentsAndEnvironment_arrive() throws Exception {
    assertEquals("b c\n", script("echo \"$A\"", plan -> plan));
  }

  @Test
  void resultOfAStep_isUsedByLaterOnes(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("written");
    Files.createFile(file);
    LaunchPlan plan =
        LaunchPlan.builder()
            .writeFile(file.toString(), "by the child")
            .execute("/bin/true", List.of("true"), List.of(), List.of());
    assertEquals(0, run(plan));
    assertEquals("by the child", Files.readString(file));
  }

  @Test
  void onlyStandardStreams_crossExecve() throws Exception {
    // The listing's own directory descriptor is 3, because no other is open.
    assertEquals("0\n1\n2\n3\n", script("ls /proc/self/fd", plan -> plan));
  }

  @Test
  void standardStreams_mayBeCrossed() throws Exception {
    try (Pipe pipe = LINUX.files().pipe2(0)) {
      int out = pipe.writeEnd().number();
      LaunchPlan plan =
          LaunchPlan.builder()
              .standardStreams(0, out, out)
              .standardStreams(1, 0, 2)
              .standardStreams(1, 0, 2)
              .closeDescriptorsFrom(3)
              .execute("/bin/sh", List.of("sh", "-c", "echo back"), ENVIRONMENT, List.of());
      assertEquals(0, run(plan));
      byte[] buffer = new byte[100];
      int length = LINUX.files().read(pipe.readEnd(), buffer, 0, 100);
      assertEquals("back\n", new String(buffer, 0, length, StandardCharsets.UTF_8));
    }
  }

  @Test
  void signals_areNeitherBlockedNorIgnored() throws Exception {
    String status = output(List.of("/bin/cat", "/proc/self/status"), plan -> plan);
    for (String mask : List.of("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt")) {
      assertTrue(status.contains(mask + ":\t0000000000000000\n"), status);
    }
  }

  @Test
  void callersSignalMask_isRestored() throws Exception {
    String before = blockedSignals();
    run(program("/bin/true"));
    assertThrows(LaunchException.class, () -> run(program("/no/such")));
    assertEquals(before, blockedSignals());
  }

  private static String blockedSignals() throws Exception {
    try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/status"))) {
      return lines.filter(line -> line.startsWith("SigBlk")).findFirst().orElseThrow();
    }
  }

  @Test
  void limitsUmaskAndDirectory_areSet() throws Exception {
    String out =
        script(
            "ulimit -n; umask; pwd",
            plan ->
                plan.limit("RLIMIT_NOFILE", Resources.NOFILE, new ResourceLimit(77, 99))
                    .umask(027)
                    .changeDirectory("/usr"));
    assertEquals("77\n0027\n/usr\n", out);
  }

  @Test
  void ignoredChildSignal_crossesExecve() throws Exception {
    String status =
        output(List.of("/bin/cat", "/proc/self/status"), LaunchPlanBuilder::ignoreChildren);
    assertTrue(status.contains("SigIgn:\t0000000000010000\n"), status);
  }

  @Test
  void hundredsOfLaunches_leaveNothingBehind() throws Exception {
    for (int i = 0; i < 20; i++) {
      run(program("/bin/true"));
    }
    int descriptors = openDescriptors();
    int mappings = mappings();
    LaunchPlan failing = program("/no/such");
    for (int i = 0; i < 300; i++) {
      run(program("true"));
      assertThrows(LaunchException.class, () -> run(failing));
    }
    assertTrue(openDescriptors() <= descriptors + 2, "descriptors leak");
    assertTrue(mappings() <= mappings + 20, "memory leaks");
    LinuxException none = assertThrows(LinuxException.class, () -> LINUX.processes().pollAny());
    assertEquals(Errno.ECHILD, none.errno());
  }

  @Test
  void launchesOfManyThreads_doNotDisturbEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int code = i % 200;
        tasks.add(() -> run(program("/bin/sh", "-c", "exit " + code)));
      }
      List<Future<Integer>> results = threads.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        assertEquals(i % 200, results.get(i).get());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void copiedMemory_launchesAndReportsTheSame() throws Exception {
    CloneOptions options = CloneOptions.plain().withCopiedMemory();
    Launched launched = launcher.launch(program("/bin/sh", "-c", "exit 3"), options);
    try (Fd pidfd = launched.pidfd()) {
      assertEquals(3, LINUX.processes().await(pidfd).code());
    }
    LaunchException e =
        assertThrows(LaunchException.class, () -> launcher.launch(program("/no/such"), options));
    assertEquals("execute /no/such", e.step());
  }

  @Test
  void fastReaper_doesNotConfuseAFailedLaunch() throws Exception {
    // A zombie that is reaped elsewhere leaves waitid(P_PIDFD) with ECHILD.
    Thread reaper =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                try {
                  LINUX.processes().pollAny();
                } catch (LinuxException e) {
                  Thread.onSpinWait();
                }
              }
            });
    reaper.start();
    try {
      for (int i = 0; i < 100; i++) {
        LaunchException e =
            assertThrows(
                LaunchException.class,
                () -> launcher.launch(program("/no/such"), CloneOptions.plain()));
        assertEquals(Errno.ENOENT, e.errno());
      }
    } finally {
      reaper.interrupt();
      reaper.join();
    }
  }

  @Test
  void rehearsal_leavesNoProcess() {
    launcher.rehearse();
    LinuxException none = assertThrows(LinuxException.class, () -> LINUX.processes().pollAny());
    assertEquals(Errno.ECHILD, none.errno());
  }

  @Test
  void openFile_isExecuted() throws Exception {
    try (Fd program = LINUX.files().open(Fd.CWD, "/bin/true", FileFlags.O_PATH, 0)) {
      LaunchPlan plan =
          LaunchPlan.builder()
              .executeDescriptor(program.number(), "true", List.of("true"), List.of());
      assertEquals(0, run(plan));
    }
  }

  private static int openDescriptors() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return (int) all.count();
    }
  }

  private static int mappings() throws Exception {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return (int) lines.count();
    }
  }
}
