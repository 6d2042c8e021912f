package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

/**
 * {@link Terminals} by ioctl(2). The numbers are the same on x86-64 and aarch64
 * (asm-generic/ioctls.h).
 */
final class NativeTerminals implements Terminals {
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCGPTN = 0x80045430;
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCGPTPEER = 0x5441;

  private final Kernel kernel;
  private final Files files;

  NativeTerminals(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  @Override
  public Fd openMaster(Fd dir, String multiplexer) throws LinuxException {
    Fd master = files.open(dir, multiplexer, FileFlags.O_RDWR | FileFlags.O_NOCTTY, 0);
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.IOCTL, master.number(), TIOCSPTLCK & 0xffffffffL, scratch.zeroed(4));
      if (result < 0) {
        master.close();
        throw failure("unlock terminal of " + multiplexer, result);
      }
      return master;
    }
  }

  @Override
  public int number(Fd master) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long number = scratch.zeroed(4);
      long result = kernel.call(Syscall.IOCTL, master.number(), TIOCGPTN & 0xffffffffL, number);
      if (result < 0) {
        throw failure("number of terminal " + master, result);
      }
      return MEMORY.getInt(number);
    }
  }

  @Override
  public Fd openSlave(Fd master) throws LinuxException {
    int flags = FileFlags.O_RDWR | FileFlags.O_NOCTTY | FileFlags.O_CLOEXEC;
    long result = kernel.call(Syscall.IOCTL, master.number(), TIOCGPTPEER, flags);
    if (result < 0) {
      throw failure("open other end of terminal " + master, result);
    }
    return kernel.own(result);
  }

  @Override
  public WindowSize windowSize(Fd terminal) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long size = scratch.zeroed(8);
      long result = kernel.call(Syscall.IOCTL, terminal.number(), TIOCGWINSZ, size);
      if (result < 0) {
        throw failure("read window size of " + terminal, result);
      }
      return new WindowSize(MEMORY.getShort(size + 2) & 0xffff, MEMORY.getShort(size) & 0xffff);
    }
  }

  @Override
  public void setWindowSize(Fd terminal, WindowSize size) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long struct = scratch.zeroed(8);
      MEMORY.putShort(struct, (short) size.rows());
      MEMORY.putShort(struct + 2, (short) size.columns());
      long result = kernel.call(Syscall.IOCTL, terminal.number(), TIOCSWINSZ, struct);
      if (result < 0) {
        throw failure("set window size of " + terminal, result);
      }
    }
  }
}
