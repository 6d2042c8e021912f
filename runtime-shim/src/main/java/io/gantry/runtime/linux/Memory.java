package io.gantry.runtime.linux;

/**
 * Memory that native code and child processes see: mapped pages, and machine code in them.
 * Thread-safe.
 */
public interface Memory {
  /** Zeroed, readable and writable pages that a forked child shares; the caller closes them. */
  Mapping map(int sizeBytes) throws LinuxException;

  /**
   * Copies position-independent machine code into pages that are then readable and executable,
   * never writable at once. It stays for the life of the process.
   *
   * @return the address of its first byte
   */
  long load(byte[] machineCode) throws LinuxException;

  /** Calls machine code by the C convention with one word, and returns its result. */
  long call(long codeAddress, long argument);

  /**
   * Mapped pages. Reading or writing after {@link #close()} is refused. Confined to one thread at a
   * time.
   */
  interface Mapping extends AutoCloseable {
    /** The address of the first byte. */
    long address();

    void put(int offset, byte[] bytes);

    long getLong(int offset);

    @Override
    void close();
  }
}
