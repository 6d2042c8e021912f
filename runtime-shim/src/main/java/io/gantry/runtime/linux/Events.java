package io.gantry.runtime.linux;

/** Waiting for many descriptors at once: epoll(7) and eventfd(2). */
public interface Events {
  int EPOLLIN = 1;
  int EPOLLOUT = 4;
  int EPOLLERR = 8;
  int EPOLLHUP = 0x10;
  int EPOLLRDHUP = 0x2000;
  int EPOLLONESHOT = 1 << 30;
  int EPOLLET = 1 << 31;

  Fd createPoll() throws LinuxException;

  /** Registers {@code file}; {@code token} comes back with its events. */
  void add(Fd poll, Fd file, int events, long token) throws LinuxException;

  void modify(Fd poll, Fd file, int events, long token) throws LinuxException;

  void remove(Fd poll, Fd file) throws LinuxException;

  /**
   * Waits for events; {@code timeoutMillis} -1 waits for ever. A signal may end the wait early,
   * with 0 events. Fills {@code tokens} and {@code events} (equally long) and returns how many.
   */
  int await(Fd poll, long[] tokens, int[] events, int timeoutMillis) throws LinuxException;

  /**
   * A counter that wakes a poll: non-blocking, write 8 bytes to raise it, read 8 bytes to clear it.
   */
  Fd createEvent() throws LinuxException;

  /** Raises an event made by {@link #createEvent}. */
  void raise(Fd event) throws LinuxException;

  /** Clears an event made by {@link #createEvent}; does nothing if it is not raised. */
  void clear(Fd event) throws LinuxException;
}
