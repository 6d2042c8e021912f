package io.gantry.cri.pod;

import io.gantry.runtime.linux.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * The smallest program that waits for ever: an ELF executable of one page, without libc, assembled
 * here because the machine need not have one that runs without libraries. It does nothing but wait
 * again whenever it wakes.
 */
final class PauseProgram {
  private static final int FILE_HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final long LOAD_ADDRESS = 0x400000;
  private static final long PAGE_BYTES = 0x10000; // The largest that aarch64 kernels use.
  private static final short EXECUTABLE = 2;
  private static final short MACHINE_X86_64 = 62;
  private static final short MACHINE_AARCH64 = 183;
  private static final int LOADABLE = 1;
  private static final int READ_EXECUTE = 5;

  /** push 34; pop rax; syscall (pause); jmp to the start. */
  private static final String X86_64 = "6a22" + "58" + "0f05" + "ebf9";

  /** x0 to x4 = 0; x8 = 73; svc 0 (ppoll of nothing for ever); b to the start. */
  private static final String AARCH64 =
      "000080d2"
          + "010080d2"
          + "020080d2"
          + "030080d2"
          + "040080d2"
          + "280980d2"
          + "010000d4"
          + "f9ffff17";

  private PauseProgram() {}

  /** The executable file for {@code architecture} (elf(5)). */
  static byte[] elf(Architecture architecture) {
    boolean x86 = architecture == Architecture.X86_64;
    byte[] code = HexFormat.of().parseHex(x86 ? X86_64 : AARCH64);
    int entry = FILE_HEADER_BYTES + PROGRAM_HEADER_BYTES;
    long size = entry + code.length;
    ByteBuffer file = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);

    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    file.putShort(EXECUTABLE).putShort(x86 ? MACHINE_X86_64 : MACHINE_AARCH64).putInt(1);
    file.putLong(LOAD_ADDRESS + entry).putLong(FILE_HEADER_BYTES).putLong(0).putInt(0);
    file.putShort((short) FILE_HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
    file.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);

    file.putInt(LOADABLE).putInt(READ_EXECUTE).putLong(0).putLong(LOAD_ADDRESS);
    file.putLong(LOAD_ADDRESS).putLong(size).putLong(size).putLong(PAGE_BYTES);
    return file.put(code).array();
  }
}
