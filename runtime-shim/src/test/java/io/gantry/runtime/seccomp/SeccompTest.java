package io.gantry.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.oci.OciSeccomp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeccompTest {
  private static final SyscallTable TABLE = SyscallTable.load();
  private static final List<String> ALL_X86 =
      List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
  private static final int EPERM = Action.ERRNO | 1;

  private static OciSeccomp profile(
      String defaultAction, List<String> architectures, OciSeccomp.Rule... rules) {
    return new OciSeccomp(
        defaultAction,
        OptionalInt.empty(),
        architectures,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(rules));
  }

  private static OciSeccomp.Rule rule(String action, String... names) {
    return new OciSeccomp.Rule(List.of(names), action, OptionalInt.empty(), List.of());
  }

  private static OciSeccomp.Rule ruleIf(
      String action, String name, OciSeccomp.Argument... conditions) {
    return new OciSeccomp.Rule(List.of(name), action, OptionalInt.empty(), List.of(conditions));
  }

  private static OciSeccomp.Argument when(int index, String operator, long value, long two) {
    return new OciSeccomp.Argument(index, value, two, "SCMP_CMP_" + operator);
  }

  private static BpfMachine compiled(OciSeccomp profile) throws SeccompException {
    return new BpfMachine(Seccomp.compile(profile, Architecture.X86_64));
  }

  private static int number(String name, CallingMode mode) {
    int number = TABLE.number(name, mode);
    assertTrue(number >= 0, name);
    return number;
  }

  private static int answer(BpfMachine machine, CallingMode mode, String call, long... args) {
    return machine.run(mode, number(call, mode), args);
  }

  private static String messageOf(OciSeccomp profile) {
    return assertThrows(SeccompException.class, () -> compiled(profile)).getMessage();
  }

  @Test
  void denyList_deniesInEveryListedMode() throws Exception {
    BpfMachine machine =
        compiled(profile("SCMP_ACT_ALLOW", ALL_X86, rule("SCMP_ACT_ERRNO", "mkdir", "mkdirat")));
    for (CallingMode mode : List.of(CallingMode.X86_64, CallingMode.X86, CallingMode.X32)) {
      assertEquals(EPERM, answer(machine, mode, "mkdir"), mode.toString());
      assertEquals(EPERM, answer(machine, mode, "mkdirat"), mode.toString());
      assertEquals(Action.ALLOW, answer(machine, mode, "rmdir"), mode.toString());
      assertEquals(Action.ALLOW, machine.run(mode, 4000), mode.toString());
    }
  }

  @Test
  void modesNotListed_areKilled() throws Exception {
    BpfMachine machine = compiled(profile("SCMP_ACT_ALLOW", List.of()));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "mkdir"));
    assertEquals(Action.KILL_THREAD, answer(machine, CallingMode.X86, "mkdir"));
    assertEquals(Action.KILL_THREAD, answer(machine, CallingMode.X32, "mkdir"));
    assertEquals(Action.KILL_THREAD, answer(machine, CallingMode.AARCH64, "mkdirat"));
    assertEquals(Action.ALLOW, machine.run(CallingMode.X86_64, -1), "a call that was skipped");
  }

  @Test
  void aarch64Machine_hasItsOwnNumbers() throws Exception {
    OciSeccomp profile =
        profile(
            "SCMP_ACT_ALLOW",
            List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X86_64"),
            rule("SCMP_ACT_KILL_PROCESS", "mkdirat", "set_tls"));
    BpfMachine machine = new BpfMachine(Seccomp.compile(profile, Architecture.AARCH64));
    assertEquals(Action.KILL_PROCESS, answer(machine, CallingMode.AARCH64, "mkdirat"));
    assertEquals(Action.KILL_PROCESS, answer(machine, CallingMode.ARM, "mkdirat"));
    assertEquals(Action.KILL_PROCESS, machine.run(CallingMode.ARM, 0xf0005));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.AARCH64, "openat"));
    assertEquals(Action.KILL_THREAD, answer(machine, CallingMode.X86_64, "openat"));
  }

  @Test
  void actions_becomeTheKernelsValues() throws Exception {
    OciSeccomp profile =
        new OciSeccomp(
            "SCMP_ACT_LOG",
            OptionalInt.empty(),
            List.of(),
            List.of("SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
            Optional.empty(),
            Optional.empty(),
            List.of(
                rule("SCMP_ACT_KILL", "read"),
                rule("SCMP_ACT_KILL_THREAD", "write"),
                rule("SCMP_ACT_KILL_PROCESS", "close"),
                rule("SCMP_ACT_TRAP", "fstat"),
                rule("SCMP_ACT_TRACE", "lseek"),
                new OciSeccomp.Rule(
                    List.of("mmap"), "SCMP_ACT_ERRNO", OptionalInt.of(38), List.of()),
                rule("SCMP_ACT_ALLOW", "brk")));
    BpfMachine machine = compiled(profile);
    assertEquals(0, answer(machine, CallingMode.X86_64, "read"));
    assertEquals(0, answer(machine, CallingMode.X86_64, "write"));
    assertEquals(0x80000000, answer(machine, CallingMode.X86_64, "close"));
    assertEquals(0x00030000, answer(machine, CallingMode.X86_64, "fstat"));
    assertEquals(0x7ff00001, answer(machine, CallingMode.X86_64, "lseek"));
    assertEquals(0x00050026, answer(machine, CallingMode.X86_64, "mmap"));
    assertEquals(0x7fff0000, answer(machine, CallingMode.X86_64, "brk"));
    assertEquals(0x7ffc0000, answer(machine, CallingMode.X86_64, "dup"));
    assertEquals(6, Seccomp.compile(profile, Architecture.X86_64).flags());
  }

  @Test
  void eachComparison_isUnsignedAndOf64Bits() throws Exception {
    long[] values = {0, 1, 5, 0x7fffffffL, 0xffffffffL, 0x1_0000_0000L, 0x5_0000_0005L, -1L, -6L};
    for (String operator : List.of("EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ")) {
      for (long value : values) {
        long two = value & 0x5_0000_0005L;
        BpfMachine machine =
            compiled(
                profile(
                    "SCMP_ACT_ALLOW",
                    List.of(),
                    ruleIf("SCMP_ACT_ERRNO", "personality", when(2, operator, value, two))));
        for (long argument : values) {
          int expected = holds(operator, argument, value, two) ? EPERM : Action.ALLOW;
          assertEquals(
              expected,
              answer(machine, CallingMode.X86_64, "personality", 9, 9, argument),
              argument + " " + operator + " " + value);
        }
      }
    }
  }

  private static boolean holds(String operator, long argument, long value, long two) {
    int order = Long.compareUnsigned(argument, value);
    return switch (operator) {
      case "EQ" -> order == 0;
      case "NE" -> order != 0;
      case "LT" -> order < 0;
      case "LE" -> order <= 0;
      case "GT" -> order > 0;
      case "GE" -> order >= 0;
      default -> (argument & value) == two;
    };
  }

  @Test
  void programsOf32Bits_areComparedBy32Bits() throws Exception {
    BpfMachine machine =
        compiled(
            profile(
                "SCMP_ACT_ALLOW",
                ALL_X86,
                ruleIf("SCMP_ACT_ERRNO", "personality", when(0, "EQ", -1L, 0))));
    assertEquals(EPERM, answer(machine, CallingMode.X86, "personality", 0xffffffffL));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "personality", 0xffffffffL));
  }

  @Test
  void conditionsOfARule_mustAllHold_thoseOnOneArgumentAreAlternatives() throws Exception {
    BpfMachine both =
        compiled(
            profile(
                "SCMP_ACT_ALLOW",
                List.of(),
                ruleIf("SCMP_ACT_ERRNO", "socket", when(0, "EQ", 1, 0), when(1, "EQ", 2, 0))));
    assertEquals(EPERM, answer(both, CallingMode.X86_64, "socket", 1, 2));
    assertEquals(Action.ALLOW, answer(both, CallingMode.X86_64, "socket", 1, 3));

    BpfMachine either =
        compiled(
            profile(
                "SCMP_ACT_ALLOW",
                List.of(),
                ruleIf("SCMP_ACT_ERRNO", "socket", when(0, "EQ", 1, 0), when(0, "EQ", 2, 0))));
    assertEquals(EPERM, answer(either, CallingMode.X86_64, "socket", 1));
    assertEquals(EPERM, answer(either, CallingMode.X86_64, "socket", 2));
    assertEquals(Action.ALLOW, answer(either, CallingMode.X86_64, "socket", 3));
  }

  @Test
  void conditions_comeBeforeARuleWithout() throws Exception {
    BpfMachine machine =
        compiled(
            profile(
                "SCMP_ACT_ERRNO",
                List.of(),
                rule("SCMP_ACT_ALLOW", "clone"),
                ruleIf("SCMP_ACT_KILL_PROCESS", "clone", when(0, "MASKED_EQ", 0xf0, 0x10))));
    assertEquals(Action.KILL_PROCESS, answer(machine, CallingMode.X86_64, "clone", 0x11));
    assertEquals(Action.ALLOW, answer(machine, CallingMode.X86_64, "clone", 0x21));
  }

  @Test
  void callsNewerThanTheProfile_doNotExist() throws Exception {
    BpfMachine machine =
        compiled(profile("SCMP_ACT_ERRNO", ALL_X86, rule("SCMP_ACT_ALLOW", "read", "openat2")));
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "write"));
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "clone3"));
    assertEquals(Action.NO_SUCH_CALL, machine.run(CallingMode.X86_64, 438));
    assertEquals(Action.NO_SUCH_CALL, machine.run(CallingMode.X86, 500));
    assertEquals(Action.NO_SUCH_CALL, machine.run(CallingMode.X32, 1000));
  }

  @Test
  void unknownCallNames_areLeftOut() throws Exception {
    BpfMachine machine =
        compiled(profile("SCMP_ACT_ALLOW", List.of(), rule("SCMP_ACT_ERRNO", "no_such", "read")));
    assertEquals(EPERM, answer(machine, CallingMode.X86_64, "read"));
  }

  @Test
  void whatCannotBeEnforced_isRefusedByName() {
    assertEquals(
        "seccomp profile: unknown action SCMP_ACT_NOPE",
        messageOf(profile("SCMP_ACT_NOPE", List.of())));
    assertEquals(
        "seccomp profile: SCMP_ACT_NOTIFY is not supported by gantry",
        messageOf(profile("SCMP_ACT_ALLOW", List.of(), rule("SCMP_ACT_NOTIFY", "read"))));
    assertEquals(
        "seccomp profile: unknown architecture SCMP_ARCH_VAX",
        messageOf(profile("SCMP_ACT_ALLOW", List.of("SCMP_ARCH_VAX"))));
    assertEquals(
        "seccomp profile: unknown comparison SCMP_CMP_ODD",
        messageOf(
            profile(
                "SCMP_ACT_ALLOW",
                List.of(),
                ruleIf("SCMP_ACT_ERRNO", "read", when(0, "ODD", 0, 0)))));
    assertEquals(
        "seccomp profile: two different actions for every read",
        messageOf(
            profile(
                "SCMP_ACT_ALLOW",
                List.of(),
                rule("SCMP_ACT_ERRNO", "read"),
                rule("SCMP_ACT_KILL", "read"))));
    OciSeccomp listening =
        new OciSeccomp(
            "SCMP_ACT_ALLOW",
            OptionalInt.empty(),
            List.of(),
            List.of(),
            Optional.of("/run/listener"),
            Optional.empty(),
            List.of());
    assertEquals(
        "seccomp profile: listenerPath /run/listener is not supported by gantry",
        messageOf(listening));
  }

  @Test
  void anyProfile_decidesAsItsRulesSay() throws Exception {
    List<String> names =
        TABLE.names().stream()
            .sorted()
            .filter(n -> TABLE.number(n, CallingMode.X86_64) >= 0)
            .toList();
    Random random = new Random(42);
    for (int round = 0; round < 60; round++) {
      List<OciSeccomp.Rule> rules = new ArrayList<>();
      int[] expectedUnconditional = new int[500];
      Arrays.fill(expectedUnconditional, EPERM);
      int highest = 0;
      for (String name : names) {
        if (random.nextInt(100) < round) {
          int number = number(name, CallingMode.X86_64);
          rules.add(rule("SCMP_ACT_ALLOW", name));
          expectedUnconditional[number] = Action.ALLOW;
          highest = Math.max(highest, number);
        }
      }
      List<OciSeccomp.Rule> conditional = new ArrayList<>();
      for (int i = 0; i < round * 3; i++) {
        String name = names.get(random.nextInt(names.size()));
        conditional.add(
            ruleIf("SCMP_ACT_TRAP", name, when(random.nextInt(6), "EQ", random.nextInt(3), 0)));
        highest = Math.max(highest, number(name, CallingMode.X86_64));
      }
      rules.addAll(conditional);
      BpfMachine machine =
          compiled(profile("SCMP_ACT_ERRNO", ALL_X86, rules.toArray(OciSeccomp.Rule[]::new)));
      for (int number = 0; number < 500; number++) {
        long[] arguments = random.longs(6, 0, 3).toArray();
        int expected = expectedUnconditional[number];
        for (OciSeccomp.Rule rule : conditional) {
          OciSeccomp.Argument argument = rule.args().get(0);
          if (TABLE.number(rule.names().get(0), CallingMode.X86_64) == number
              && arguments[argument.index()] == argument.value()) {
            expected = Action.TRAP;
          }
        }
        if (highest > 0 && number > highest) {
          expected = Action.NO_SUCH_CALL;
        }
        assertEquals(
            expected, machine.run(CallingMode.X86_64, number, arguments), "call " + number);
      }
    }
  }

  @Test
  void profileTooLargeForTheKernel_isRefused() {
    List<OciSeccomp.Rule> rules = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      rules.add(ruleIf("SCMP_ACT_TRAP", "read", when(0, "EQ", i, 0)));
    }
    String message =
        messageOf(profile("SCMP_ACT_ALLOW", List.of(), rules.toArray(OciSeccomp.Rule[]::new)));
    assertTrue(message.contains("more than the kernel's 4096"), message);
  }
}
