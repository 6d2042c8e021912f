package io.gantry.runtime.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs a filter as the kernel would on one system call, with the checks of its verifier
 * (kernel/seccomp.c, net/core/filter.c).
 */
final class BpfMachine {
  private final ByteBuffer program;
  private int steps;

  BpfMachine(SeccompFilter filter) {
    this.program = ByteBuffer.wrap(filter.program()).order(ByteOrder.LITTLE_ENDIAN);
  }

  int instructions() {
    return program.capacity() / 8;
  }

  /** Instructions that the last {@link #run} took. */
  int steps() {
    return steps;
  }

  int run(CallingMode mode, int number, long... arguments) {
    return run(mode.auditNumber(), number | mode.callBit(), arguments);
  }

  int run(int auditNumber, int number, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, number).putInt(4, auditNumber);
    for (int i = 0; i < arguments.length; i++) {
      data.putLong(16 + 8 * i, arguments[i]);
    }
    int accumulator = 0;
    int at = 0;
    steps = 0;
    while (true) {
      int code = program.getShort(at * 8) & 0xffff;
      int then = program.get(at * 8 + 2) & 0xff;
      int otherwise = program.get(at * 8 + 3) & 0xff;
      int value = program.getInt(at * 8 + 4);
      at++;
      steps++;
      switch (code) {
        case 0x20 -> accumulator = data.getInt(value);
        case 0x54 -> accumulator &= value;
        case 0x05 -> at += value;
        case 0x15 -> at += accumulator == value ? then : otherwise;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, value) > 0 ? then : otherwise;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, value) >= 0 ? then : otherwise;
        case 0x06 -> {
          return value;
        }
        default -> throw new AssertionError("instruction " + Integer.toHexString(code));
      }
    }
  }
}
