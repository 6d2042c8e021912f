package io.gantry.runtime.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A compiled filter: what seccomp(2) takes with SECCOMP_SET_MODE_FILTER. Immutable. */
public final class SeccompFilter {
  private final byte[] program;
  private final int flags;

  SeccompFilter(long[] instructions, int flags) {
    ByteBuffer bytes = ByteBuffer.allocate(instructions.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long instruction : instructions) {
      bytes.putLong(instruction);
    }
    this.program = bytes.array();
    this.flags = flags;
  }

  /** Instructions of 8 bytes (struct sock_filter), as many as the array holds. */
  public byte[] program() {
    return program.clone();
  }

  /** SECCOMP_FILTER_FLAG_ bits. */
  public int flags() {
    return flags;
  }
}
