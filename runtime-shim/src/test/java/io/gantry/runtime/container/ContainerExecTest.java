package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.container.ContainerTestBench.Outcome;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciConsoleSize;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciUser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Further processes, and terminals. */
@Tag("root")
class ContainerExecTest {
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

  private Container running() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    Container container = bench.create();
    bench.startAndAwaitReady(container);
    return container;
  }

  private static final String NAMESPACES =
      "for n in pid net ipc uts mnt cgroup; do readlink /proc/$p/ns/$n; done";

  @Test
  void exec_isInTheSameNamespacesAndCgroupButForTheFreezers() throws Exception {
    assumeTrue(bench.cgroups.version() == Cgroups.Version.V1, "v1 only");
    Container container = running();
    Outcome first = sh(container, "p=1; " + NAMESPACES + "; cat /proc/1/cgroup");
    Outcome self = sh(container, "p=self; " + NAMESPACES + "; cat /proc/self/cgroup");
    assertTrue(self.output().contains("freezer:/gantry-exec-2\n"), self.output());
    assertEquals(first.output(), self.output().replace("/gantry-exec-2", "/"));
    assertEquals(0, first.code());
  }

  @Test
  void family_isKilledWhole() throws Exception {
    FamilyContract.killReachesWhatLeftItsSession(bench, running());
  }

  @Test
  void family_isLeftToTheContainerWithItsCgroupUntilItIsEmpty() throws Exception {
    FamilyContract.whatIsLeftLivesOn(bench, running());
  }

  private Outcome sh(Container container, String script) throws Exception {
    return bench.exec(container, bench.bundle.process("sh", "-c", script));
  }

  @Test
  void exec_givesTheProgramsCodeAndOutput() throws Exception {
    Container container = running();
    assertEquals(new Outcome(5, "out\n"), sh(container, "echo out; exit 5"));
    assertEquals(143, sh(container, "kill -TERM $$").code());
  }

  @Test
  void exec_seesTheFirstProcessAndNoDescriptorsOfTheHost() throws Exception {
    Container container = running();
    assertEquals("0\n1\n2\n3\n", sh(container, "ls /proc/self/fd").output());
    assertTrue(sh(container, "ps -o args").output().contains("sleep 1000"));
  }

  @Test
  void exec_hasItsOwnUserDirectoryAndCapabilities() throws Exception {
    Container container = running();
    bench.bundle.user = new OciUser(10, 20, OptionalInt.empty(), List.of(30L));
    bench.bundle.cwd = "/tmp";
    bench.bundle.env.add("X=y");
    bench.bundle.noNewPrivileges = true;
    String script = "id; pwd; echo $X $HOME; grep -E 'CapPrm|CapBnd|NoNew' /proc/self/status";
    assertEquals(
        "uid=10 gid=20 groups=30\n/tmp\ny /\nCapPrm:\t0000000000000000\n"
            + "CapBnd:\t00000000000020e1\nNoNewPrivs:\t1\n",
        sh(container, script).output());
  }

  @Test
  void exec_intoAContainerThatMayTraceWorksToo() throws Exception {
    List<String> trace = List.of("CAP_SYS_PTRACE");
    bench.bundle.capabilities =
        Optional.of(new OciCapabilities(trace, trace, List.of(), trace, List.of()));
    assertEquals(new Outcome(0, "hello\n"), sh(running(), "echo hello"));
  }

  @Test
  void exec_refusesADirectoryThatIsADescriptor() throws Exception {
    Container container = running();
    try (Fd host = bench.linux.files().open(Fd.CWD, "/", FileFlags.O_DIRECTORY, 0)) {
      bench.bundle.cwd = "/proc/self/fd/" + host.number();
      OciProcess process = bench.bundle.process("ls");
      ContainerException e =
          assertThrows(ContainerException.class, () -> bench.exec(container, process));
      assertTrue(e.getMessage().contains("change directory to"), e.getMessage());
    }
  }

  @Test
  void exec_ofAMissingProgramSaysSo() throws Exception {
    Container container = running();
    ContainerException e =
        assertThrows(
            ContainerException.class,
            () -> bench.exec(container, bench.bundle.process("nothing-of-that-name")));
    assertEquals(ContainerException.Kind.PROGRAM_NOT_FOUND, e.kind());
  }

  @Test
  void exec_beforeStartAndAfterTheEndIsRefused() throws Exception {
    bench.bundle.write("true");
    Container container = bench.create();
    ContainerException e =
        assertThrows(
            ContainerException.class, () -> bench.exec(container, bench.bundle.process("true")));
    assertEquals(ContainerException.Kind.WRONG_STATE, e.kind());
    bench.await(container.start(new ProcessStdio.Pipes(0, 1, 2)));
    e =
        assertThrows(
            ContainerException.class, () -> bench.exec(container, bench.bundle.process("true")));
    assertEquals(ContainerException.Kind.GONE, e.kind());
  }

  @Test
  void exec_leavesNoDescriptorOpen() throws Exception {
    Container container = running();
    sh(container, "true");
    long before = bench.openDescriptors();
    sh(container, "true");
    assertThrows(
        ContainerException.class,
        () -> bench.exec(container, bench.bundle.process("nothing-of-that-name")));
    assertEquals(before, bench.openDescriptors());
  }

  private static final String TERMINAL_SCRIPT =
      "tty; test /dev/console -ef /proc/self/fd/0; echo $?;"
          + " stat -c %u /proc/self/fd/0 -L; echo >/dev/tty; ls /dev/pts";

  @Test
  void terminal_isTheContainersOwnAndControlsTheSession() throws Exception {
    bench.bundle.write("sh", "-c", TERMINAL_SCRIPT);
    Container container = bench.create(List.of(), true);
    StartedProcess.Child process =
        (StartedProcess.Child) container.start(new ProcessStdio.Terminal());
    try (Fd console = process.console().orElseThrow()) {
      String output = readAll(console);
      assertEquals("/dev/pts/0\r\n0\r\n0\r\n\r\n0     ptmx\r\n", output);
      assertEquals(0, bench.await(process));
    }
  }

  @Test
  void execWithATerminal_getsOneOfTheContainersDevpts() throws Exception {
    Container container = running();
    OciProcess plain = bench.bundle.process("sh", "-c", "tty; stty size; echo >/dev/tty");
    OciProcess sized =
        new OciProcess(
            true,
            Optional.of(new OciConsoleSize(33, 77)),
            plain.user(),
            plain.args(),
            plain.env(),
            plain.cwd(),
            plain.capabilities(),
            plain.rlimits(),
            false,
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    StartedProcess.Child process =
        (StartedProcess.Child) container.exec(sized, new ProcessStdio.Terminal());
    try (Fd console = process.console().orElseThrow()) {
      assertEquals("/dev/pts/0\r\n33 77\r\n\r\n", readAll(console));
      assertEquals(0, bench.await(process));
    }
  }

  /** Reads until the other end is closed, which a terminal's master tells as EIO. */
  private String readAll(Fd console) throws Exception {
    StringBuilder all = new StringBuilder();
    byte[] buffer = new byte[4096];
    try {
      while (true) {
        int count = bench.linux.files().read(console, buffer, 0, buffer.length);
        if (count == 0) {
          return all.toString();
        }
        all.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
      }
    } catch (LinuxException e) {
      assertEquals(Errno.EIO, e.errno());
      return all.toString();
    }
  }
}
