package io.gantry.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Host.KernelVersion;
import io.gantry.runtime.oci.OciSeccomp;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DefaultProfileTest {
  private static final KernelVersion KERNEL = new KernelVersion(6, 1, "6.1.0");
  private static final int EPERM = Action.ERRNO | 1;
  private static final long CLONE_NEWUSER = 0x10000000;
  private static final long SIGCHLD = 17;

  private static BpfMachine machine(Architecture architecture, String... capabilities)
      throws Exception {
    OciSeccomp profile = DefaultProfile.of(architecture, KERNEL, Set.of(capabilities));
    return new BpfMachine(Seccomp.compile(profile, architecture));
  }

  private static int answer(BpfMachine machine, CallingMode mode, String call, long... args) {
    int number = SyscallTable.load().number(call, mode);
    assertTrue(number >= 0, call);
    return machine.run(mode, number, args);
  }

  @Test
  void everydayCalls_areAllowedInEveryMode() throws Exception {
    BpfMachine x86 = machine(Architecture.X86_64);
    for (CallingMode mode : List.of(CallingMode.X86_64, CallingMode.X86, CallingMode.X32)) {
      for (String call : List.of("read", "execve", "openat2", "futex", "exit_group", "mkdir")) {
        assertEquals(Action.ALLOW, answer(x86, mode, call), mode + " " + call);
      }
    }
    BpfMachine arm = machine(Architecture.AARCH64);
    for (String call : List.of("read", "execve", "openat2", "futex", "exit_group", "mkdirat")) {
      assertEquals(Action.ALLOW, answer(arm, CallingMode.AARCH64, call), call);
    }
    assertEquals(Action.ALLOW, answer(arm, CallingMode.ARM, "set_tls"));
  }

  @Test
  void administrationCalls_needTheirCapability() throws Exception {
    BpfMachine without = machine(Architecture.X86_64);
    BpfMachine with = machine(Architecture.X86_64, "CAP_SYS_ADMIN");
    for (String call : List.of("mount", "unshare", "setns", "bpf", "sethostname")) {
      assertEquals(EPERM, answer(without, CallingMode.X86_64, call), call);
      assertEquals(Action.ALLOW, answer(with, CallingMode.X86_64, call), call);
    }
    assertEquals(EPERM, answer(without, CallingMode.X86_64, "keyctl"));
    assertEquals(EPERM, answer(with, CallingMode.X86_64, "keyctl"));
    assertEquals(EPERM, answer(with, CallingMode.X86_64, "reboot"));
    assertEquals(
        Action.ALLOW,
        answer(machine(Architecture.X86_64, "CAP_SYS_BOOT"), CallingMode.X86_64, "reboot"));
  }

  @Test
  void clone_makesNoNamespacesWithoutCapability_andClone3IsMissing() throws Exception {
    BpfMachine without = machine(Architecture.X86_64);
    assertEquals(Action.ALLOW, answer(without, CallingMode.X86_64, "clone", SIGCHLD));
    assertEquals(EPERM, answer(without, CallingMode.X86_64, "clone", SIGCHLD | CLONE_NEWUSER));
    // ENOSYS, so that libc falls back to clone, whose flags a filter can see.
    assertEquals(Action.NO_SUCH_CALL, answer(without, CallingMode.X86_64, "clone3"));

    BpfMachine with = machine(Architecture.X86_64, "CAP_SYS_ADMIN");
    assertEquals(Action.ALLOW, answer(with, CallingMode.X86_64, "clone", SIGCHLD | CLONE_NEWUSER));
    assertEquals(Action.ALLOW, answer(with, CallingMode.X86_64, "clone3"));
  }

  @Test
  void personalityAndSocket_areJudgedByTheirArgument() throws Exception {
    BpfMachine machine = machine(Architecture.X86_64);
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "personality", 0xffffffffL));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "personality", 0x20008));
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "personality", 0x40000));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "socket", 2));
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "socket", 38), "AF_ALG");
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "socket", 40), "AF_VSOCK");
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "socket", 41));
  }

  @Test
  void ptrace_waitsForAKernelThatChecksAfterIt() {
    OciSeccomp old =
        DefaultProfile.of(Architecture.X86_64, new KernelVersion(4, 4, "4.4.0"), Set.of());
    OciSeccomp fresh = DefaultProfile.of(Architecture.X86_64, KERNEL, Set.of());
    assertTrue(!old.syscalls().get(0).names().contains("ptrace"));
    assertTrue(fresh.syscalls().get(0).names().contains("ptrace"));
  }

  @Test
  void callsToCome_doNotExist() throws Exception {
    assertEquals(Action.NO_SUCH_CALL, machine(Architecture.X86_64).run(CallingMode.X86_64, 480));
  }

  @Test
  void filter_isSmallAndQuick() throws Exception {
    BpfMachine machine = machine(Architecture.X86_64);
    assertTrue(machine.instructions() < 450, machine.instructions() + " instructions");
    answer(machine, CallingMode.X86_64, "read");
    assertTrue(machine.steps() <= 12, machine.steps() + " steps for read");
    answer(machine, CallingMode.X86_64, "futex");
    assertTrue(machine.steps() <= 12, machine.steps() + " steps for futex");
  }
}
