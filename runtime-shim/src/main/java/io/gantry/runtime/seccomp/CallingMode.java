package io.gantry.runtime.seccomp;

import io.gantry.runtime.linux.Architecture;

/**
 * A way in which programs may call this machine's kernel: a system call table, and how the kernel
 * tells it to filters (linux/audit.h, asm/unistd.h).
 */
enum CallingMode {
  X86_64("SCMP_ARCH_X86_64", Architecture.X86_64, 0xC000003E, 0, true),
  X86("SCMP_ARCH_X86", Architecture.X86_64, 0x40000003, 0, false),

  /**
   * 32-bit pointers in 64-bit mode; the same audit number as x86-64, but bit 30 of the call's
   * number is set.
   */
  X32("SCMP_ARCH_X32", Architecture.X86_64, 0xC000003E, 0x40000000, true),
  AARCH64("SCMP_ARCH_AARCH64", Architecture.AARCH64, 0xC00000B7, 0, true),
  ARM("SCMP_ARCH_ARM", Architecture.AARCH64, 0x40000028, 0, false);

  private final String profileName;
  private final Architecture machine;
  private final int auditNumber;
  private final int callBit;
  private final boolean wide;

  CallingMode(
      String profileName, Architecture machine, int auditNumber, int callBit, boolean wide) {
    this.profileName = profileName;
    this.machine = machine;
    this.auditNumber = auditNumber;
    this.callBit = callBit;
    this.wide = wide;
  }

  /** The mode of programs built for the machine. */
  static CallingMode nativeTo(Architecture machine) {
    return machine == Architecture.X86_64 ? X86_64 : AARCH64;
  }

  /** The name in profiles. */
  String profileName() {
    return profileName;
  }

  /** Where such programs can run. */
  Architecture machine() {
    return machine;
  }

  /** AUDIT_ARCH_ number in struct seccomp_data. */
  int auditNumber() {
    return auditNumber;
  }

  /** What is added to a number of the table. */
  int callBit() {
    return callBit;
  }

  /** Whether arguments have 64 bits; else only the low 32 mean anything. */
  boolean isWide() {
    return wide;
  }
}
