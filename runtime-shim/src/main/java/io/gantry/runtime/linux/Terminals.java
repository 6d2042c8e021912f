package io.gantry.runtime.linux;

/** Pseudo-terminals (pty(7)). */
public interface Terminals {
  /**
   * Opens and unlocks a new pseudo-terminal's master by its multiplexer, {@code /dev/ptmx} or a
   * container's {@code dev/pts/ptmx}.
   */
  Fd openMaster(Fd dir, String multiplexer) throws LinuxException;

  /** The number of the other end: its path is that number below its devpts mount. */
  int number(Fd master) throws LinuxException;

  /**
   * Opens the other end by the master, whatever is mounted where (TIOCGPTPEER). It does not become
   * a controlling terminal.
   */
  Fd openSlave(Fd master) throws LinuxException;

  WindowSize windowSize(Fd terminal) throws LinuxException;

  void setWindowSize(Fd terminal, WindowSize size) throws LinuxException;

  /**
   * The size of a terminal in characters.
   *
   * @param columns 0 to 65535
   * @param rows 0 to 65535
   */
  record WindowSize(int columns, int rows) {
    public WindowSize {
      if (columns < 0 || columns > 0xffff || rows < 0 || rows > 0xffff) {
        throw new IllegalArgumentException("window size out of range: " + columns + "x" + rows);
      }
    }
  }
}
