package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.util.Objects;

/** {@link Memory} by mmap(2) and mprotect(2). */
final class NativeMemory implements Memory {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;

  private final Kernel kernel;

  NativeMemory(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public Mapping map(int sizeBytes) throws LinuxException {
    return new Pages(mmap(sizeBytes, MAP_SHARED), sizeBytes);
  }

  private long mmap(int sizeBytes, int sharing) throws LinuxException {
    long address =
        kernel.call(
            Syscall.MMAP, 0, sizeBytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    if (address < 0) {
      throw failure("map " + sizeBytes + " bytes of memory", address);
    }
    return address;
  }

  @Override
  public long load(byte[] machineCode) throws LinuxException {
    long address = mmap(machineCode.length, MAP_PRIVATE);
    MEMORY.putByteArray(address, machineCode, 0, machineCode.length);
    // On aarch64 the kernel makes the instruction cache agree when a page turns executable
    // (__sync_icache_dcache).
    long result = kernel.call(Syscall.MPROTECT, address, machineCode.length, PROT_READ | PROT_EXEC);
    if (result < 0) {
      kernel.call(Syscall.MUNMAP, address, machineCode.length);
      throw failure("make " + machineCode.length + " bytes of memory executable", result);
    }
    return address;
  }

  @Override
  public long call(long codeAddress, long argument) {
    return kernel.invoke(codeAddress, argument);
  }

  private final class Pages implements Mapping {
    private final int sizeBytes;
    private long address;

    Pages(long address, int sizeBytes) {
      this.address = address;
      this.sizeBytes = sizeBytes;
    }

    @Override
    public long address() {
      if (address == 0) {
        throw new IllegalStateException("the memory is unmapped");
      }
      return address;
    }

    @Override
    public void put(int offset, byte[] bytes) {
      Objects.checkFromIndexSize(offset, bytes.length, sizeBytes);
      MEMORY.putByteArray(address() + offset, bytes, 0, bytes.length);
    }

    @Override
    public long getLong(int offset) {
      Objects.checkFromIndexSize(offset, 8, sizeBytes);
      return MEMORY.getLong(address() + offset);
    }

    @Override
    public void close() {
      if (address != 0) {
        kernel.call(Syscall.MUNMAP, address, sizeBytes);
        address = 0;
      }
    }
  }
}
