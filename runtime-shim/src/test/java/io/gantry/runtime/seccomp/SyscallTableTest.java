package io.gantry.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Syscall;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SyscallTableTest {
  private final SyscallTable table = SyscallTable.load();

  @Test
  void table_agreesWithTheCallsGantryMakes() {
    for (Syscall call : Syscall.values()) {
      assertEquals(
          call.number(Architecture.X86_64),
          table.number(call.callName(), CallingMode.X86_64),
          call.callName());
      String generic = call.callName();
      assertEquals(
          call.number(Architecture.AARCH64),
          table.number(generic, CallingMode.AARCH64),
          call.callName());
    }
  }

  @Test
  void absentCalls_areToldApart() {
    assertEquals(SyscallTable.ABSENT, table.number("mkdir", CallingMode.AARCH64));
    assertEquals(SyscallTable.ABSENT, table.number("no_such", CallingMode.X86_64));
    assertEquals(0, table.number("read", CallingMode.X86_64));
    assertEquals(0xf0005, table.number("set_tls", CallingMode.ARM));
  }

  @Test
  void table_agreesWithThisMachinesHeaders() throws Exception {
    compare("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", CallingMode.X86_64);
    compare("/usr/include/x86_64-linux-gnu/asm/unistd_32.h", CallingMode.X86);
  }

  private void compare(String header, CallingMode mode) throws Exception {
    assumeTrue(Files.exists(Path.of(header)), "no " + header);
    int compared = 0;
    for (String line : Files.readAllLines(Path.of(header))) {
      String[] words = line.split("\\s+");
      if (words.length == 3 && words[1].startsWith("__NR_")) {
        String name = words[1].substring("__NR_".length());
        assertEquals(Integer.parseInt(words[2]), table.number(name, mode), name);
        compared++;
      }
    }
    assertTrue(compared > 300, header);
  }
}
