package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

/** {@link Events} by system calls. */
final class NativeEvents implements Events {
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;

  /** struct epoll_event is packed on x86-64 and naturally aligned elsewhere (linux/eventpoll.h). */
  private final int tokenOffset;

  private final int eventBytes;
  private final Kernel kernel;

  NativeEvents(Kernel kernel) {
    this.kernel = kernel;
    this.tokenOffset = Architecture.current() == Architecture.X86_64 ? 4 : 8;
    this.eventBytes = tokenOffset + 8;
  }

  @Override
  public Fd createPoll() throws LinuxException {
    long result = kernel.call(Syscall.EPOLL_CREATE1, EPOLL_CLOEXEC);
    if (result < 0) {
      throw failure("create a poll", result);
    }
    return kernel.own(result);
  }

  @Override
  public void add(Fd poll, Fd file, int events, long token) throws LinuxException {
    control(poll, ADD, file, events, token);
  }

  @Override
  public void modify(Fd poll, Fd file, int events, long token) throws LinuxException {
    control(poll, MODIFY, file, events, token);
  }

  @Override
  public void remove(Fd poll, Fd file) throws LinuxException {
    control(poll, DELETE, file, 0, 0);
  }

  private void control(Fd poll, int operation, Fd file, int events, long token)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long event = scratch.raw(eventBytes);
      MEMORY.putInt(event, events);
      MEMORY.putLong(event + tokenOffset, token);
      long result = kernel.call(Syscall.EPOLL_CTL, poll.number(), operation, file.number(), event);
      if (result < 0) {
        throw failure("poll " + file, result);
      }
    }
  }

  @Override
  public int await(Fd poll, long[] tokens, int[] events, int timeoutMillis) throws LinuxException {
    if (tokens.length != events.length) {
      throw new IllegalArgumentException("tokens and events differ in length");
    }
    try (Scratch scratch = new Scratch()) {
      long memory = scratch.raw(eventBytes * tokens.length);
      long result =
          kernel.call(Syscall.EPOLL_PWAIT, poll.number(), memory, tokens.length, timeoutMillis, 0);
      if (result == -Errno.EINTR) {
        return 0;
      }
      if (result < 0) {
        throw failure("wait for events", result);
      }
      for (int i = 0; i < result; i++) {
        long event = memory + (long) i * eventBytes;
        events[i] = MEMORY.getInt(event);
        tokens[i] = MEMORY.getLong(event + tokenOffset);
      }
      return (int) result;
    }
  }

  @Override
  public Fd createEvent() throws LinuxException {
    long result = kernel.call(Syscall.EVENTFD2, 0, EFD_CLOEXEC_NONBLOCK);
    if (result < 0) {
      throw failure("create an event", result);
    }
    return kernel.own(result);
  }

  @Override
  public void raise(Fd event) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long one = scratch.raw(8);
      MEMORY.putLong(one, 1);
      long result = kernel.repeat(Syscall.WRITE, event.number(), one, 8, 0, 0);
      // EAGAIN: the counter is full, so the event is raised.
      if (result < 0 && result != -Errno.EAGAIN) {
        throw failure("raise event " + event, result);
      }
    }
  }

  @Override
  public void clear(Fd event) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.repeat(Syscall.READ, event.number(), scratch.raw(8), 8, 0, 0);
      if (result < 0 && result != -Errno.EAGAIN) {
        throw failure("clear event " + event, result);
      }
    }
  }
}
