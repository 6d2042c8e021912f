package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.container.ContainerTestBench.Outcome;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciUser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container's first process finds around itself. */
@Tag("root")
class ContainerRootTest {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final long MIB = 1 << 20;

  @TempDir Path temp;
  private ContainerTestBench bench;

  @BeforeEach
  void setUp() throws Exception {
    bench = new ContainerTestBench(temp);
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bench != null) {
      bench.close();
    }
  }

  private String output(String script) throws Exception {
    Outcome outcome = bench.run(script);
    assertEquals(0, outcome.code(), outcome.output());
    return outcome.output();
  }

  @Test
  void exitCode_isTheProgramsOwn() throws Exception {
    assertEquals(new Outcome(3, "hello\n"), bench.run("echo hello; exit 3"));
  }

  @Test
  void signalDeath_isReportedAsSuch() throws Exception {
    // The first process of a PID namespace is spared by signals it does not handle: use a child.
    assertEquals(143, bench.run("sh -c 'kill -TERM $$'; exit $?").code());
  }

  @Test
  void namespaces_areNewAndTheProcessIsTheFirst() throws Exception {
    String links =
        output("echo $$; for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done");
    List<String> lines = links.lines().toList();
    assertEquals("1", lines.get(0));
    List<String> names = List.of("pid", "net", "ipc", "uts", "mnt", "cgroup");
    for (int i = 0; i < names.size(); i++) {
      String host = Files.readSymbolicLink(Path.of("/proc/self/ns/" + names.get(i))).toString();
      assertNotEquals(host, lines.get(i + 1));
      assertTrue(lines.get(i + 1).startsWith(names.get(i)), links);
    }
  }

  @Test
  void namespaces_notAskedForAreTheHosts() throws Exception {
    bench.bundle.namespaces.removeIf(n -> n.type() == OciNamespace.Type.NETWORK);
    String host = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    assertEquals(host + "\n", output("readlink /proc/self/ns/net"));
  }

  @Test
  void network_hasLoopbackUpAndNothingElse() throws Exception {
    assertEquals("lo\n", output("ls /sys/class/net"));
    assertTrue(output("ip addr show dev lo").contains("127.0.0.1/8"));
  }

  @Test
  void hostname_isTheContainersAlone() throws Exception {
    String before = Files.readString(Path.of("/proc/sys/kernel/hostname"));
    assertEquals("box\n", output("hostname"));
    assertEquals(before, Files.readString(Path.of("/proc/sys/kernel/hostname")));
  }

  @Test
  void onlyProcessesOfTheContainerAreSeen() throws Exception {
    assertEquals("1\n", output("ls /proc | grep '^[0-9]' | head -1; exit 0"));
  }

  @Test
  void mountTable_holdsNothingOfTheHost() throws Exception {
    String mounts = output("cat /proc/self/mountinfo");
    for (String line : mounts.lines().toList()) {
      String target = line.split(" ")[4];
      assertTrue(
          target.equals("/")
              || target.startsWith("/proc")
              || target.startsWith("/dev")
              || target.startsWith("/sys"),
          line);
    }
  }

  @Test
  void descriptors_areTheStandardStreamsOnly() throws Exception {
    // ls itself opens the directory as 3.
    assertEquals("0\n1\n2\n3\n", output("ls /proc/self/fd"));
  }

  @Test
  void maskedPaths_areEmpty() throws Exception {
    bench.bundle.masked.addAll(List.of("/proc/version", "/proc/tty", "/proc/nothing"));
    assertEquals(
        "0\n0\n0\n",
        output(
            "for p in /proc/tty /sys/firmware; do ls $p | wc -l; done;"
                + " cat /proc/version | wc -c"));
    assertEquals(1, bench.run("touch /proc/tty/x").code());
  }

  @Test
  void readonlyPaths_cannotBeWritten() throws Exception {
    Outcome outcome = bench.run("echo 1 >/proc/sys/net/ipv4/ip_forward");
    assertEquals(1, outcome.code());
    assertTrue(outcome.output().contains("Read-only file system"), outcome.output());
    // The flags of /proc hold on what lies upon it.
    String options = output("grep ' /proc/sys ' /proc/self/mountinfo");
    assertTrue(options.contains(" ro,nosuid,nodev,noexec,relatime "), options);
  }

  @Test
  void withoutReadonlyPaths_sysctlsOfItsOwnNamespacesCanBeWritten() throws Exception {
    bench.bundle.readonly.clear();
    List<String> admin = List.of("CAP_NET_ADMIN");
    bench.bundle.capabilities =
        Optional.of(new OciCapabilities(admin, admin, List.of(), admin, List.of()));
    assertEquals(
        "1\n", output("echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward"));
  }

  @Test
  void sysctls_areSetInTheContainersNamespaces() throws Exception {
    String host = Files.readAllLines(Path.of("/proc/sys/kernel/shmmni")).get(0);
    bench.bundle.sysctl.put("net.ipv4.ip_forward", "1");
    bench.bundle.sysctl.put("kernel.shmmni", "77");
    bench.bundle.sysctl.put("fs.mqueue.msg_max", "100");
    assertEquals(
        "1\n77\n100\n",
        output("cd /proc/sys; cat net/ipv4/ip_forward kernel/shmmni fs/mqueue/msg_max"));
    assertEquals(host, Files.readAllLines(Path.of("/proc/sys/kernel/shmmni")).get(0));
  }

  @Test
  void sysctls_ofTheHostAreRefused() throws Exception {
    bench.bundle.sysctl.put("kernel.panic", "1");
    bench.bundle.write("true");
    ContainerException e = assertThrows(ContainerException.class, () -> bench.create());
    assertTrue(e.getMessage().contains("sysctl kernel.panic"), e.getMessage());
    bench.bundle.sysctl.clear();
    bench.bundle.sysctl.put("net.ipv4.ip_forward", "1");
    bench.bundle.namespaces.removeIf(n -> n.type() == OciNamespace.Type.NETWORK);
    bench.bundle.write("true");
    e = assertThrows(ContainerException.class, () -> bench.create());
    assertTrue(e.getMessage().contains("shares the host's network"), e.getMessage());
  }

  @Test
  void capabilities_areExactlyThoseGiven() throws Exception {
    // CHOWN 0, KILL 5, SETGID 6, SETUID 7, NET_RAW 13.
    String status = output("grep Cap /proc/self/status");
    for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
      assertTrue(status.contains(set + ":\t00000000000020e1"), status);
    }
    for (String set : List.of("CapInh", "CapAmb")) {
      assertTrue(status.contains(set + ":\t0000000000000000"), status);
    }
  }

  @Test
  void ambientCapabilities_reachAUserWithoutAny() throws Exception {
    List<String> raw = List.of("CAP_NET_RAW");
    bench.bundle.capabilities = Optional.of(new OciCapabilities(raw, raw, raw, raw, raw));
    bench.bundle.user = new OciUser(1000, 1000, OptionalInt.empty(), List.of());
    String status = output("grep Cap /proc/self/status");
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
      assertTrue(status.contains(set + ":\t0000000000002000"), status);
    }
  }

  @Test
  void userWithoutCapabilities_hasNone() throws Exception {
    bench.bundle.user = new OciUser(1000, 2000, OptionalInt.of(077), List.of(5L, 3000L));
    assertEquals("uid=1000 gid=2000 groups=5,3000\n0077\n", output("id; umask"));
    String status = output("grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status");
    assertEquals("CapEff:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t0\n", status);
  }

  @Test
  void capabilitiesThatGantryLacks_areLeftOutWithANotice() throws Exception {
    Privileges own = Privileges.read(bench.linux);
    assumeTrue((own.permitted() & 1L << 24) == 0, "needs to lack CAP_SYS_RESOURCE");
    List<String> some = List.of("CAP_SYS_RESOURCE", "CAP_KILL");
    bench.bundle.capabilities =
        Optional.of(new OciCapabilities(some, some, List.of(), some, List.of()));
    assertTrue(output("grep CapEff /proc/self/status").contains("0000000000000020"));
    assertEquals(1, bench.notices.size());
    assertTrue(bench.notices.get(0).startsWith("CAP_SYS_RESOURCE cannot be given"));
  }

  private static OciSeccomp denying(String call) {
    return new OciSeccomp(
        "SCMP_ACT_ALLOW",
        OptionalInt.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new OciSeccomp.Rule(List.of(call), "SCMP_ACT_ERRNO", OptionalInt.of(1), List.of())));
  }

  @Test
  void seccomp_isEnforced_withAndWithoutNoNewPrivileges() throws Exception {
    bench.bundle.seccomp = Optional.of(denying("mkdir"));
    for (boolean noNewPrivileges : new boolean[] {true, false}) {
      for (long uid : new long[] {0, 1000}) {
        bench.bundle.noNewPrivileges = noNewPrivileges;
        bench.bundle.user = new OciUser(uid, uid, OptionalInt.empty(), List.of());
        Outcome outcome =
            bench.run("grep -E 'NoNewPrivs|Seccomp:|CapPrm' /proc/self/status; mkdir /dev/shm/x");
        assertTrue(outcome.output().contains("Operation not permitted"), outcome.output());
        assertTrue(outcome.output().contains("Seccomp:\t2"), outcome.output());
        String flag = noNewPrivileges ? "NoNewPrivs:\t1" : "NoNewPrivs:\t0";
        assertTrue(outcome.output().contains(flag), outcome.output());
        String caps = uid == 0 ? "CapPrm:\t00000000000020e1" : "CapPrm:\t0000000000000000";
        assertTrue(outcome.output().contains(caps), outcome.output());
      }
    }
  }

  @Test
  void seccomp_mayForbidAllThatSettingUpNeeded() throws Exception {
    OciSeccomp.Rule rule =
        new OciSeccomp.Rule(
            List.of("mount", "setns", "setuid", "setresuid", "setgroups", "prctl", "close_range"),
            "SCMP_ACT_ERRNO",
            OptionalInt.empty(),
            List.of());
    OciSeccomp some = denying("mkdir");
    bench.bundle.seccomp =
        Optional.of(
            new OciSeccomp(
                some.defaultAction(),
                OptionalInt.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(rule)));
    assertEquals("ok\n", output("echo ok"));
  }

  @Test
  void rlimits_areSet() throws Exception {
    bench.bundle.rlimits.add(new OciRlimit("RLIMIT_NOFILE", 100, 200));
    assertTrue(
        output("cat /proc/self/limits")
            .contains("Max open files            100                  200"));
    bench.bundle.rlimits.add(new OciRlimit("RLIMIT_X", 1, 1));
    bench.bundle.write("true");
    Container container = bench.create();
    ContainerException e =
        assertThrows(
            ContainerException.class, () -> container.start(new ProcessStdio.Pipes(0, 1, 2)));
    assertEquals(ContainerException.Kind.INVALID_SPEC, e.kind());
  }

  @Test
  void oomScoreAdj_isSetOrClampedWithOneNotice() throws Exception {
    bench.bundle.oomScoreAdj = OptionalInt.of(500);
    assertEquals("500\n", output("cat /proc/self/oom_score_adj"));
    Privileges own = Privileges.read(bench.linux);
    assumeTrue((own.permitted() & 1L << 24) == 0, "needs to lack CAP_SYS_RESOURCE");
    bench.bundle.oomScoreAdj = OptionalInt.of(-998);
    assertEquals(own.oomScoreAdj() + "\n", output("cat /proc/self/oom_score_adj"));
    assertEquals(own.oomScoreAdj() + "\n", output("cat /proc/self/oom_score_adj"));
    assertEquals(1, bench.notices.size(), bench.notices.toString());
  }

  @Test
  void workingDirectory_isMadeWhereMissing() throws Exception {
    bench.bundle.cwd = "/data/deep";
    assertEquals("/data/deep\n755\n", output("pwd; stat -c %a ."));
  }

  @Test
  void workingDirectory_cannotBeADescriptorOfTheHost() throws Exception {
    try (Fd host = bench.linux.files().open(Fd.CWD, "/", FileFlags.O_DIRECTORY, 0)) {
      bench.bundle.cwd = "/proc/self/fd/" + host.number();
      bench.bundle.write("ls");
      Container container = bench.create();
      ContainerException e =
          assertThrows(
              ContainerException.class, () -> container.start(new ProcessStdio.Pipes(0, 1, 2)));
      assertTrue(e.getMessage().contains("change directory to /proc/self/fd/"), e.getMessage());
    }
  }

  @Test
  void home_comesFromTheImagesAccounts() throws Exception {
    assertEquals("/root\n", output("echo $HOME"));
    bench.bundle.env.add("HOME=/else");
    assertEquals("/else\n", output("echo $HOME"));
    bench.bundle.env.remove("HOME=/else");
    bench.bundle.user = new OciUser(77, 77, OptionalInt.empty(), List.of());
    assertEquals("/\n", output("echo $HOME"));
  }

  @Test
  void missingProgram_isToldApartFromOneThatCannotRun() throws Exception {
    Files.writeString(bench.bundle.rootfs.resolve("bin/plain"), "x");
    assertEquals(
        ContainerException.Kind.PROGRAM_NOT_FOUND, startFailure("nothing-of-that-name").kind());
    assertEquals(ContainerException.Kind.PROGRAM_NOT_FOUND, startFailure("/bin/nothing").kind());
    assertEquals(ContainerException.Kind.PROGRAM_NOT_EXECUTABLE, startFailure("/bin/plain").kind());
    assertEquals(ContainerException.Kind.PROGRAM_NOT_EXECUTABLE, startFailure("/bin").kind());
    assertTrue(
        startFailure("nope").getMessage().contains("program \"nope\" not found in PATH /bin"));
  }

  private ContainerException startFailure(String program) throws Exception {
    bench.bundle.write(program);
    Container container = bench.create();
    ContainerException e =
        assertThrows(
            ContainerException.class, () -> container.start(new ProcessStdio.Pipes(0, 1, 2)));
    container.delete();
    return e;
  }

  @Test
  void limits_areInTheCgroupTheProcessIsIn() throws Exception {
    bench.bundle.resources =
        bench.bundle.resources.withMemory(OciMemory.NONE.withLimit(64 * MIB)).withPidsLimit(30);
    String file =
        bench.cgroups.version() == Cgroups.Version.V1
            ? "memory/memory.limit_in_bytes"
            : "memory.max";
    assertEquals(
        64 * MIB + "\n/\n",
        output(
            "cat /sys/fs/cgroup/"
                + file
                + "; grep -E ':memory:|^0::' /proc/self/cgroup"
                + " | head -1 | grep -o '/.*'"));
  }

  @Test
  void cgroup_isShownReadOnly() throws Exception {
    // On v1 the hierarchies lie one deeper.
    String places = "/sys/fs/cgroup/x /sys/fs/cgroup/[a-z]*/x";
    String script = "for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/x; done; ls -d ";
    Outcome outcome = bench.run(script + places + " 2>/dev/null | wc -l");
    assertTrue(outcome.output().endsWith("\n0\n"), outcome.output());
    assertTrue(outcome.output().contains("Read-only file system"), outcome.output());
  }

  @Test
  void pidsLimit_stopsForks() throws Exception {
    bench.bundle.resources = bench.bundle.resources.withPidsLimit(3);
    Outcome outcome = bench.run("sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait");
    assertTrue(outcome.output().contains("can't fork"), outcome.output());
  }

  @Test
  void memoryLimit_endsInAnOomKillThatIsCounted() throws Exception {
    bench.bundle.resources = bench.bundle.resources.withMemory(OciMemory.NONE.withLimit(16 * MIB));
    bench.bundle.write("sh", "-c", "x=$(head -c 100000000 /dev/zero | tail -c 100000000)");
    Container container = bench.create();
    StartedProcess.Child process =
        (StartedProcess.Child) container.start(new ProcessStdio.Pipes(0, 1, 2));
    bench.await(process);
    assertTrue(container.oomKills() > 0, "no OOM kill was counted");
    assertEquals(OptionalLong.of(16 * MIB), container.stats().memory().orElseThrow().limitBytes());
  }

  @Test
  void devices_othersThanTheDefaultsCannotBeOpened() throws Exception {
    List<String> mknod = List.of("CAP_MKNOD");
    bench.bundle.capabilities =
        Optional.of(new OciCapabilities(mknod, mknod, List.of(), mknod, List.of()));
    bench.bundle.mounts.removeIf(m -> m.destination().equals("/dev/shm"));
    Outcome outcome =
        bench.run(
            "head -c 1 /dev/zero | wc -c; echo x >/dev/null; mknod /dev/mem c 1 1;"
                + " head -c 1 /dev/mem");
    assertTrue(outcome.output().startsWith("1\n"), outcome.output());
    assertTrue(outcome.output().contains("Operation not permitted"), outcome.output());
  }

  @Test
  void dev_hasNodesAndLinks() throws Exception {
    assertEquals(
        "crw-rw-rw-\n/proc/self/fd\npts/ptmx\n",
        output("stat -c %A /dev/null; readlink /dev/fd; readlink /dev/ptmx"));
    assertEquals("1 3\n5 0\n", output("stat -c '%t %T' /dev/null /dev/tty"));
  }

  @Test
  void kill_reachesTheProcessAndAll() throws Exception {
    bench.bundle.write("sh", "-c", "trap 'exit 7' TERM; sleep 1000 & echo ready; wait");
    Container container = bench.create();
    StartedProcess.Child process = bench.startAndAwaitReady(container);
    assertEquals(2, container.pids().size());
    container.kill(SIGTERM, false);
    assertEquals(7, bench.await(process));
    ContainerException e =
        assertThrows(ContainerException.class, () -> container.kill(SIGTERM, false));
    assertEquals(ContainerException.Kind.GONE, e.kind());
    container.kill(SIGKILL, true);
    container.delete();
    container.delete();
  }

  @Test
  void delete_killsWhatStillRuns() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    Container container = bench.create();
    StartedProcess.Child process = bench.startAndAwaitReady(container);
    container.delete();
    assertEquals(137, bench.await(process));
  }

  @Test
  void pausedContainer_standsStill_andDiesAllTheSame() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; while :; do :; done");
    Container container = bench.create();
    StartedProcess.Child process = bench.startAndAwaitReady(container);
    container.pause();
    long used = container.stats().cpu().orElseThrow().usageNanos();
    assertEquals(used, container.stats().cpu().orElseThrow().usageNanos());
    assertThrows(
        ContainerException.class, () -> bench.exec(container, bench.bundle.process("true")));
    container.kill(SIGKILL, false);
    assertEquals(137, bench.await(process));
  }

  @Test
  void update_changesLimitsOfARunningContainer() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    Container container = bench.create();
    bench.startAndAwaitReady(container);
    container.update(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(48 * MIB)));
    assertEquals(OptionalLong.of(48 * MIB), container.stats().memory().orElseThrow().limitBytes());
  }

  @Test
  void start_isPossibleOnce() throws Exception {
    bench.bundle.write("true");
    Container container = bench.create();
    bench.await(container.start(new ProcessStdio.Pipes(0, 1, 2)));
    ContainerException e =
        assertThrows(
            ContainerException.class, () -> container.start(new ProcessStdio.Pipes(0, 1, 2)));
    assertEquals(ContainerException.Kind.WRONG_STATE, e.kind());
  }

  @Test
  void wholeLife_leavesNoDescriptorOpen() throws Exception {
    bench.run("true");
    long before = bench.openDescriptors();
    bench.run("true");
    bench.bundle.write("nothing-of-that-name");
    Container container = bench.create();
    assertThrows(ContainerException.class, () -> container.start(new ProcessStdio.Pipes(0, 1, 2)));
    container.delete();
    bench.bundle.sysctl.put("net.nothing", "1");
    bench.bundle.write("true");
    assertThrows(ContainerException.class, () -> bench.create());
    assertEquals(before, bench.openDescriptors());
  }

  @Test
  void failedCreate_leavesNoCgroup() throws Exception {
    bench.bundle.sysctl.put("net.nothing", "1");
    bench.bundle.write("true");
    assertThrows(ContainerException.class, () -> bench.create());
    assertFalse(bench.cgroups.at(bench.bundle.cgroup).exists());
  }

  @Test
  void cleanUp_endsWhatAnEngineThatDiedLeft() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    StartedProcess.Child process = bench.startAndAwaitReady(bench.create());
    ContainerEngine another = new ContainerEngine(bench.linux, bench.cgroups, text -> {});
    another.cleanUp("c0", bench.bundle.directory);
    another.cleanUp("c0", bench.bundle.directory);
    assertEquals(137, bench.await(process));
    assertFalse(bench.cgroups.at(bench.bundle.cgroup).exists());
  }

  @Test
  void hooks_getTheStateAndMayFailTheCreate() throws Exception {
    Path seen = temp.resolve("seen");
    OciHook writes =
        new OciHook("/bin/sh", List.of("sh", "-c", "cat >>" + seen), List.of(), OptionalInt.of(10));
    OciHook fails = new OciHook("/bin/false", List.of(), List.of(), OptionalInt.empty());
    bench.bundle.hooks =
        new OciHooks(
            List.of(), List.of(writes), List.of(), List.of(), List.of(writes), List.of(writes));
    bench.run("true");
    String states = Files.readString(seen);
    assertTrue(states.contains("\"status\":\"created\""), states);
    assertTrue(states.contains("\"status\":\"running\",\"pid\":"), states);
    assertTrue(states.contains("\"status\":\"stopped\""), states);
    bench.bundle.hooks =
        new OciHooks(List.of(fails), List.of(), List.of(), List.of(), List.of(), List.of());
    bench.bundle.write("true");
    ContainerException e = assertThrows(ContainerException.class, () -> bench.create());
    assertTrue(e.getMessage().contains("hook /bin/false: ended with code 1"), e.getMessage());
  }

  @Test
  void hook_thatTakesTooLongIsKilled() throws Exception {
    OciHook slow = new OciHook("/bin/sleep", List.of("sleep", "100"), List.of(), OptionalInt.of(1));
    bench.bundle.hooks =
        new OciHooks(List.of(slow), List.of(), List.of(), List.of(), List.of(), List.of());
    bench.bundle.write("true");
    ContainerException e = assertThrows(ContainerException.class, () -> bench.create());
    assertTrue(e.getMessage().contains("not done after 1 s and killed"), e.getMessage());
  }

  @Test
  void plan_printsEveryCallUpToTheProgram() throws Exception {
    bench.bundle.write("sh", "-c", "exit 0");
    String plan = bench.engine.plan("c", bench.bundle.directory);
    for (String part : List.of("setns(", "pivot_root(", "setresuid(", "execve(\"/bin/sh\"")) {
      assertTrue(plan.contains(part), plan);
    }
    assertFalse(bench.cgroups.at(bench.bundle.cgroup).exists());
  }

  @Test
  void pidNamespaceOfAPod_isJoinedByPath() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    StartedProcess holder = bench.startAndAwaitReady(bench.create());
    bench.bundle.cgroup = bench.bundle.cgroup + "-second";
    bench.bundle.namespaces.replaceAll(
        n ->
            n.type() == OciNamespace.Type.PID
                ? OciNamespace.at(n.type(), "/proc/" + holder.pid() + "/ns/pid")
                : n);
    assertEquals(
        "sleep 1000\n", output("test $$ -gt 1; ps -o args | grep -v grep | grep '^sleep'"));
  }

  @Test
  void unsupportedParts_areRefusedByName() throws Exception {
    bench.bundle.namespaces.add(OciNamespace.fresh(OciNamespace.Type.TIME));
    bench.bundle.write("true");
    ContainerException e = assertThrows(ContainerException.class, () -> bench.create());
    assertEquals(ContainerException.Kind.INVALID_SPEC, e.kind());
    assertEquals("container c0: time namespaces are not supported", e.getMessage());
  }
}
