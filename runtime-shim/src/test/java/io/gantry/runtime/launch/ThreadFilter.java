package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Puts a seccomp filter on the calling thread alone, which should end soon after. */
final class ThreadFilter {
  private static final int PR_SET_SECCOMP = 22;
  private static final int SECCOMP_MODE_FILTER = 2;

  private ThreadFilter() {}

  static void install(Linux linux, byte[] program) throws Exception {
    try (Memory.Mapping memory = linux.memory().map(16 + program.length)) {
      ByteBuffer struct = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      struct.putShort((short) (program.length / 8));
      struct.putLong(8, memory.address() + 16);
      memory.put(0, struct.array());
      memory.put(16, program);
      linux.processes().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, memory.address(), 0, 0);
    }
  }
}
