package io.gantry.runtime.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Capability;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Pipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches that need root: namespaces, ids, capabilities, terminals, filters. */
@Tag("root")
class LauncherNamespaceTest {
  private static final Set<NamespaceKind> OWN =
      EnumSet.of(NamespaceKind.PID, NamespaceKind.MOUNT, NamespaceKind.UTS, NamespaceKind.IPC);

  private final Linux linux = Linux.open();
  private Launcher launcher;

  @BeforeEach
  void load() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    launcher = new Launcher(linux);
  }

  private interface Preparation {
    LaunchPlanBuilder on(LaunchPlanBuilder plan);
  }

  private String output(
      Launcher with, CloneOptions options, Preparation preparation, String... command)
      throws Exception {
    try (Pipe pipe = linux.files().pipe2(0);
        Fd none = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      int out = pipe.writeEnd().number();
      LaunchPlan plan =
          preparation
              .on(LaunchPlan.builder().standardStreams(none.number(), out, out))
              .closeDescriptorsFrom(3)
              .execute(command[0], List.of(command), List.of("PATH=/usr/bin:/bin"), List.of());
      Launched launched = with.launch(plan, options);
      pipe.writeEnd().close();
      StringBuilder text = new StringBuilder();
      byte[] buffer = new byte[8192];
      int length;
      while ((length = linux.files().read(pipe.readEnd(), buffer, 0, buffer.length)) > 0) {
        text.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
      }
      try (Fd pidfd = launched.pidfd()) {
        linux.processes().await(pidfd);
      }
      return text.toString();
    }
  }

  private String script(CloneOptions options, Preparation preparation, String script)
      throws Exception {
    return output(launcher, options, preparation, "/bin/sh", "-c", script);
  }

  private static LaunchPlanBuilder ownProc(LaunchPlanBuilder plan) {
    return plan.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null)
        .mount("proc", "/proc", "proc", MountFlags.MS_NOSUID, null);
  }

  @Test
  void newNamespaces_makeTheProgramProcessOne() throws Exception {
    String out =
        script(
            CloneOptions.inNew(OWN),
            plan -> ownProc(plan).hostname("inside"),
            "echo $$; hostname; ls -d /proc/[0-9]* | head -1");
    assertEquals("1\ninside\n/proc/1\n", out);
  }

  @Test
  void pivotedRoot_hidesTheHost(@TempDir Path root) throws Exception {
    Path tools = Files.createDirectory(root.resolve("usr"));
    for (String link : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(root.resolve(link), Path.of("usr", link));
    }
    String out =
        script(
            CloneOptions.inNew(OWN),
            plan ->
                plan.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null)
                    .mount(
                        root.toString(),
                        root.toString(),
                        null,
                        MountFlags.MS_BIND | MountFlags.MS_REC,
                        null)
                    .mount(
                        "/usr",
                        tools.toString(),
                        null,
                        MountFlags.MS_BIND | MountFlags.MS_REC,
                        null)
                    .changeDirectory(root.toString())
                    .pivotRoot(".", ".")
                    .unmountDetached(".")
                    .changeDirectory("/"),
            "ls /");
    assertEquals("bin\nlib\nlib64\nusr\n", out);
  }

  @Test
  void idsGroupsAndCapabilities_areDropped() throws Exception {
    long bind = 1L << Capability.number("CAP_NET_BIND_SERVICE").getAsInt();
    long setuid = 1L << Capability.number("CAP_SETUID").getAsInt();
    int last = linux.host().lastCapability();
    String status =
        output(
            launcher,
            CloneOptions.plain(),
            plan ->
                plan.boundCapabilities(bind | setuid, last)
                    .keepCapabilities()
                    .supplementaryGroups(List.of(7, 8))
                    .group(1234)
                    .user(4321)
                    .capabilities(bind, bind, bind)
                    .ambientCapabilities(bind)
                    .noNewPrivileges(),
            "/bin/cat",
            "/proc/self/status");
    for (String line :
        List.of(
            "Uid:\t4321\t4321\t4321\t4321",
            "Gid:\t1234\t1234\t1234\t1234",
            "Groups:\t7 8 ",
            "CapInh:\t0000000000000400",
            "CapPrm:\t0000000000000400",
            "CapEff:\t0000000000000400",
            "CapBnd:\t0000000000000480",
            "CapAmb:\t0000000000000400",
            "NoNewPrivs:\t1")) {
      assertTrue(status.contains(line + "\n"), line + " in\n" + status);
    }
  }

  @Test
  void droppedGroups_areNone() throws Exception {
    String status =
        output(
            launcher,
            CloneOptions.plain(),
            plan -> plan.supplementaryGroups(List.of()),
            "/bin/cat",
            "/proc/self/status");
    assertTrue(status.contains("Groups:\t \n"), status);
  }

  @Test
  void terminal_controlsTheSession() throws Exception {
    try (Fd master = linux.terminals().openMaster(Fd.CWD, "/dev/ptmx")) {
      Fd slave = linux.terminals().openSlave(master);
      int terminal = slave.number();
      LaunchPlan plan =
          LaunchPlan.builder()
              .newSession()
              .standardStreams(terminal, terminal, terminal)
              .controllingTerminal(0)
              .closeDescriptorsFrom(3)
              .execute(
                  "/bin/sh",
                  List.of("sh", "-c", "stty -echo; tty; read a < /dev/tty; echo got $a"),
                  List.of("PATH=/usr/bin:/bin"),
                  List.of());
      Launched launched = launcher.launch(plan, CloneOptions.plain());
      slave.close();
      linux.files().writeFully(master, "word\n".getBytes(StandardCharsets.UTF_8));
      StringBuilder out = new StringBuilder();
      byte[] buffer = new byte[1000];
      try {
        while (true) {
          int length = linux.files().read(master, buffer, 0, buffer.length);
          out.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        // EIO: the last holder of the other end is gone.
      }
      try (Fd pidfd = launched.pidfd()) {
        assertEquals(0, linux.processes().await(pidfd).code());
      }
      assertTrue(out.toString().contains("/dev/pts/"), out.toString());
      assertTrue(out.toString().contains("got word"), out.toString());
    }
  }

  @Test
  void joinedNamespaces_areThoseOfTheDescriptors() throws Exception {
    try (Fd uts = linux.namespaces().create(NamespaceKind.UTS);
        Fd network = linux.namespaces().create(NamespaceKind.NETWORK)) {
      linux
          .namespaces()
          .visit(
              Set.of(new io.gantry.runtime.linux.Namespaces.Visit(uts, NamespaceKind.UTS)),
              () -> {
                linux.namespaces().setHostname("visited");
                return null;
              });
      String out =
          script(
              CloneOptions.plain(),
              plan ->
                  plan.joinNamespace(uts.number(), NamespaceKind.UTS)
                      .joinNamespace(network.number(), NamespaceKind.NETWORK)
                      .newCgroupNamespace(),
              "hostname; cat /proc/self/net/dev | wc -l; cut -d: -f3 /proc/self/cgroup | sort -u");
      assertEquals("visited\n3\n/\n", out);
    }
  }

  @Test
  void pauseProgram_holdsAPidNamespaceAndItsChildrenAreReaped() throws Exception {
    Launched pause = launchPause();
    try (Fd pidfd = pause.pidfd();
        Fd space = linux.namespaces().of(pause.pid(), NamespaceKind.PID)) {
      linux.processes().signal(pidfd, 15);
      FutureTask<String> inside =
          new FutureTask<>(
              () -> {
                linux.namespaces().enter(space, NamespaceKind.PID);
                // The inner shell's child is orphaned to process 1 and ends before the count.
                return script(
                    CloneOptions.inNew(Set.of(NamespaceKind.MOUNT)),
                    LauncherNamespaceTest::ownProc,
                    "echo $$; ls /proc/1/fd | tr '\\n' ' '; sh -c 'sleep 0.05 & :'; sleep 0.3;"
                        + " ls -d /proc/[0-9]* | wc -l");
              });
      Thread thread = new Thread(inside);
      thread.start();
      // Process 1, the shell, and the two of its last pipe.
      assertEquals("2\n0 1 2 4\n", inside.get());
      assertEquals(Optional.empty(), linux.processes().poll(pidfd), "SIGTERM did nothing");
    } finally {
      linux.processes().kill(pause.pid(), 9);
      try (Fd pidfd = linux.processes().openPidfd(pause.pid())) {
        assertEquals(128 + 9, linux.processes().await(pidfd).code());
      }
    }
  }

  private Launched launchPause() throws Exception {
    try (Fd program = PauseProgram.open(linux.files());
        Fd none = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      int silent = none.number();
      LaunchPlan plan =
          LaunchPlan.builder()
              .standardStreams(silent, silent, silent)
              .ignoreChildren()
              .executeDescriptor(program.number(), "pause", List.of("pause"), List.of());
      return launcher.launch(plan, CloneOptions.inNew(Set.of(NamespaceKind.PID)));
    }
  }

  @Test
  void firstOfUnprivilegedSteps_failsByName() {
    CloneOptions plain = CloneOptions.plain();
    LaunchException e =
        assertThrows(
            LaunchException.class,
            () -> script(plain, plan -> plan.user(1000).hostname("nobody"), "true"));
    assertEquals("set host name nobody: EPERM (operation not permitted)", e.getMessage());
  }

  /**
   * BPF: answers clone3 with an errno, on x86-64 and aarch64 alike number 435, and allows the rest.
   */
  private static byte[] filterOfClone3(int errno) {
    return bpf(
        new int[][] {
          {0x20, 0, 0, 0},
          {0x15, 0, 1, 435},
          {0x06, 0, 0, 0x00050000 | errno},
          {0x06, 0, 0, 0x7fff0000},
        });
  }

  private static byte[] bpf(int[][] instructions) {
    java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.allocate(instructions.length * 8)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (int[] instruction : instructions) {
      bytes.putShort((short) instruction[0]);
      bytes.put((byte) instruction[1]).put((byte) instruction[2]).putInt(instruction[3]);
    }
    return bytes.array();
  }

  private String launchedWithoutClone3(int errno) throws Exception {
    Launcher fresh = new Launcher(linux);
    FutureTask<String> task =
        new FutureTask<>(
            () -> {
              ThreadFilter.install(linux, filterOfClone3(errno));
              return output(
                  fresh,
                  CloneOptions.inNew(OWN),
                  LauncherNamespaceTest::ownProc,
                  "/bin/cat",
                  "/proc/self/status");
            });
    Thread thread = new Thread(task);
    thread.start();
    return task.get();
  }

  @Test
  void missingClone3_isReplacedByClone() throws Exception {
    for (int errno : List.of(Errno.ENOSYS, Errno.EPERM, Errno.E2BIG)) {
      String status = launchedWithoutClone3(errno);
      assertTrue(status.contains("\nPid:\t1\n"), status);
      assertTrue(status.contains("SigIgn:\t0000000000000000"), status);
      assertTrue(status.contains("SigBlk:\t0000000000000000"), status);
    }
  }

  @Test
  void cgroup2Child_beginsInItsCgroup() throws Exception {
    Optional<Path> unified =
        Arrays.stream(new String[] {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"})
            .map(Path::of)
            .filter(path -> Files.isWritable(path.resolve("cgroup.procs")))
            .filter(path -> Files.exists(path.resolve("cgroup.controllers")))
            .findFirst();
    assumeTrue(unified.isPresent(), "no cgroup v2 tree");
    Path cgroup =
        Files.createDirectory(
            unified.get().resolve("gantry-launch-test-" + linux.processes().pid()));
    try (Fd directory = linux.files().open(Fd.CWD, cgroup.toString(), FileFlags.O_RDONLY, 0)) {
      CloneOptions options = CloneOptions.plain().intoCgroup(directory);
      String expected = "0::/" + cgroup.getFileName() + "\n";
      assertEquals(expected, script(options, plan -> plan, "grep ^0: /proc/self/cgroup"));

      LaunchImage byHand =
          new LaunchImage(
              LaunchPlan.builder().execute("/bin/true", List.of("true"), List.of(), List.of()),
              options,
              LaunchImage.CloneCall.CLONE,
              io.gantry.runtime.linux.Architecture.current());
      assertEquals("open the cgroup's process list", byHand.step(0).name());
    } finally {
      Files.delete(cgroup);
    }
  }
}
