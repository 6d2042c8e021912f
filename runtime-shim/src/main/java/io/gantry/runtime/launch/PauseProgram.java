package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A program of a hundred-odd bytes that waits for ever, to be process 1 of a PID namespace that
 * containers share. It is made here rather than shipped, so that a pod needs neither a pause image
 * nor a file on the host.
 *
 * <p>It does nothing about its children: launch it with {@link LaunchPlanBuilder#ignoreChildren()},
 * so that the kernel reaps them. As process 1 it hears of no signal but SIGKILL and SIGSTOP from
 * outside.
 */
public final class PauseProgram {
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final long BASE = 0x400000;
  private static final int PAGE =
      0x10000; // The largest page size of aarch64; it only has to divide BASE.
  private static final short EM_X86_64 = 62;
  private static final short EM_AARCH64 = 183;

  /** {@code again: pause(); goto again;} */
  private static final String X86_64 = "b8220000000f05ebf7";

  /** The same by {@code ppoll(NULL, 0, NULL, NULL)}: this architecture has no pause(2). */
  private static final String AARCH64 = "000080d2010080d2020080d2030080d2280980d2010000d4faffff17";

  private PauseProgram() {}

  /**
   * The program as an executable file in memory that cannot be changed any more; the caller closes
   * it.
   */
  public static Fd open(Files files) throws LinuxException {
    Fd file = files.memfd("pause", FileFlags.MFD_ALLOW_SEALING);
    try {
      files.writeFully(file, elf(Architecture.current()));
      int seals =
          FileFlags.F_SEAL_SEAL
              | FileFlags.F_SEAL_SHRINK
              | FileFlags.F_SEAL_GROW
              | FileFlags.F_SEAL_WRITE;
      files.fcntl(file, FileFlags.F_ADD_SEALS, seals);
      return file;
    } catch (LinuxException e) {
      file.close();
      throw e;
    }
  }

  /** An ELF file (elf(5)) with one segment, which holds the file as it is. */
  static byte[] elf(Architecture architecture) {
    boolean x86 = architecture == Architecture.X86_64;
    byte[] code = HexFormat.of().parseHex(x86 ? X86_64 : AARCH64);
    int size = ELF_HEADER + PROGRAM_HEADER + code.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    elf.putShort((short) 2).putShort(x86 ? EM_X86_64 : EM_AARCH64).putInt(1);
    elf.putLong(BASE + ELF_HEADER + PROGRAM_HEADER).putLong(ELF_HEADER).putLong(0);
    elf.putInt(0).putShort((short) ELF_HEADER).putShort((short) PROGRAM_HEADER);
    elf.putShort((short) 1).position(ELF_HEADER);
    elf.putInt(1).putInt(5); // PT_LOAD, PF_R | PF_X
    elf.putLong(0).putLong(BASE).putLong(BASE).putLong(size).putLong(size).putLong(PAGE);
    elf.put(code);
    return elf.array();
  }
}
