package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** {@link Processes} by system calls and /proc. */
final class NativeProcesses implements Processes {
  private static final int P_ALL = 0;
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int LOWEST_OOM_SCORE_ADJ = -1000;
  private static final int HIGHEST_OOM_SCORE_ADJ = 1000;

  private final Kernel kernel;
  private final Files files;

  NativeProcesses(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  @Override
  public int pid() {
    return (int) kernel.call(Syscall.GETPID);
  }

  @Override
  public int threadId() {
    return (int) kernel.call(Syscall.GETTID);
  }

  @Override
  public void kill(int pid, int signal) throws LinuxException {
    long result = kernel.call(Syscall.KILL, pid, signal);
    if (result < 0) {
      throw failure("send signal " + signal + " to process " + pid, result);
    }
  }

  @Override
  public Fd openRoot(int pid) throws LinuxException {
    int flags = FileFlags.O_RDONLY | FileFlags.O_DIRECTORY;
    return files.open(Fd.CWD, "/proc/" + pid + "/root", flags, 0);
  }

  @Override
  public Fd openPidfd(int pid) throws LinuxException {
    long result = kernel.call(Syscall.PIDFD_OPEN, pid, 0);
    if (result < 0) {
      throw failure("open process " + pid, result);
    }
    return kernel.own(result);
  }

  @Override
  public void signal(Fd pidfd, int signal) throws LinuxException {
    long result = kernel.call(Syscall.PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0);
    if (result < 0) {
      throw failure("send signal " + signal + " to process of " + pidfd, result);
    }
  }

  @Override
  public ExitStatus await(Fd pidfd) throws LinuxException {
    return waitFor(P_PIDFD, pidfd.number(), WEXITED, "wait for process of " + pidfd).orElseThrow();
  }

  @Override
  public Optional<ExitStatus> poll(Fd pidfd) throws LinuxException {
    return waitFor(P_PIDFD, pidfd.number(), WEXITED | WNOHANG, "wait for process of " + pidfd);
  }

  @Override
  public Optional<ExitStatus> pollAny() throws LinuxException {
    return waitFor(P_ALL, 0, WEXITED | WNOHANG, "wait for any child");
  }

  @Override
  public int awaitAny() throws LinuxException {
    return waitFor(P_ALL, 0, WEXITED | WNOWAIT, "wait for any child").orElseThrow().pid();
  }

  private Optional<ExitStatus> waitFor(int idType, int id, int options, String operation)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long info = scratch.zeroed(128);
      long result = kernel.repeat(Syscall.WAITID, idType, id, info, options, 0);
      if (result < 0) {
        throw failure(operation, result);
      }
      // siginfo_t of SIGCHLD on 64 bits: si_code at 8, si_pid at 16, si_status at 24.
      int pid = MEMORY.getInt(info + 16);
      if (pid == 0) {
        return Optional.empty();
      }
      boolean signalled = MEMORY.getInt(info + 8) != CLD_EXITED;
      return Optional.of(new ExitStatus(pid, signalled, MEMORY.getInt(info + 24)));
    }
  }

  @Override
  public int prctl(int option, long a, long b, long c, long d) throws LinuxException {
    long result = kernel.call(Syscall.PRCTL, option, a, b, c, d);
    if (result < 0) {
      throw failure("prctl " + option, result);
    }
    return (int) result;
  }

  @Override
  public void makeNonDumpable() throws LinuxException {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  }

  @Override
  public void makeSubreaper() throws LinuxException {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  }

  @Override
  public void actAs(int uid, int gid) throws LinuxException {
    String operation = "act as user " + Integer.toUnsignedString(uid);
    check(operation, kernel.call(Syscall.SETRESGID, -1, gid, -1));
    check(operation, kernel.call(Syscall.SETRESUID, -1, uid, -1));
    // Leaving user 0 lowered the effective capabilities; permitted are still all
    // (capabilities(7)).
    try (Scratch scratch = new Scratch()) {
      long header = scratch.zeroed(8);
      MEMORY.putInt(header, LINUX_CAPABILITY_VERSION_3);
      long sets = scratch.zeroed(24);
      check(operation, kernel.call(Syscall.CAPGET, header, sets));
      MEMORY.putInt(sets, MEMORY.getInt(sets + 4));
      MEMORY.putInt(sets + 12, MEMORY.getInt(sets + 16));
      check(operation, kernel.call(Syscall.CAPSET, header, sets));
    }
  }

  private static void check(String operation, long result) throws LinuxException {
    if (result < 0) {
      throw failure(operation, result);
    }
  }

  @Override
  public int setsid() throws LinuxException {
    long result = kernel.call(Syscall.SETSID);
    if (result < 0) {
      throw failure("start a session", result);
    }
    return (int) result;
  }

  @Override
  public void setpgid(int pid, int group) throws LinuxException {
    long result = kernel.call(Syscall.SETPGID, pid, group);
    if (result < 0) {
      throw failure("move process " + pid + " to group " + group, result);
    }
  }

  @Override
  public ResourceLimit limit(int pid, int resource) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long old = scratch.zeroed(16);
      long result = kernel.call(Syscall.PRLIMIT64, pid, resource, 0, old);
      if (result < 0) {
        throw failure("read limit " + resource + " of process " + pid, result);
      }
      return new ResourceLimit(MEMORY.getLong(old), MEMORY.getLong(old + 8));
    }
  }

  @Override
  public void setLimit(int pid, int resource, ResourceLimit limit) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long fresh = scratch.raw(16);
      MEMORY.putLong(fresh, limit.soft());
      MEMORY.putLong(fresh + 8, limit.hard());
      long result = kernel.call(Syscall.PRLIMIT64, pid, resource, fresh, 0);
      if (result < 0) {
        throw failure("set limit " + resource + " of process " + pid, result);
      }
    }
  }

  @Override
  public OpenFiles openFiles(int pid) throws LinuxException {
    int all = 0;
    int sockets = 0;
    try (Fd directory =
        files.open(Fd.CWD, "/proc/" + pid + "/fd", FileFlags.O_RDONLY | FileFlags.O_DIRECTORY, 0)) {
      for (String number : files.list(directory)) {
        all++;
        if (isSocket(directory, number)) {
          sockets++;
        }
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ESRCH) {
        throw e;
      }
    }
    return new OpenFiles(all, sockets);
  }

  /** By the link's text (proc_pid_fd(5)): the file itself is not touched, which could hang. */
  private boolean isSocket(Fd directory, String number) throws LinuxException {
    try {
      return files.readlinkat(directory, number).startsWith("socket:");
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return false; // Closed meanwhile.
      }
      throw e;
    }
  }

  @Override
  public int setOomScoreAdj(int pid, int value) throws IOException {
    if (value < LOWEST_OOM_SCORE_ADJ || value > HIGHEST_OOM_SCORE_ADJ) {
      throw new IllegalArgumentException("oom_score_adj out of range: " + value);
    }
    if (writeOomScoreAdj(pid, value)) {
      return value;
    }
    // The minimum is not readable anywhere, so it is searched between what failed and what holds.
    int refused = value;
    int accepted = oomScoreAdj(pid);
    while (accepted - refused > 1) {
      int middle = refused + (accepted - refused) / 2;
      if (writeOomScoreAdj(pid, middle)) {
        accepted = middle;
      } else {
        refused = middle;
      }
    }
    return accepted;
  }

  /**
   * Whether the kernel took the value; EACCES says that it lies below the process's minimum
   * (proc_pid_oom_score_adj(5)).
   */
  private boolean writeOomScoreAdj(int pid, int value) throws LinuxException {
    try {
      files.writeText(oomFile(pid), Integer.toString(value));
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EACCES) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public int oomScoreAdj(int pid) throws IOException {
    return Integer.parseInt(files.readText(oomFile(pid)).strip());
  }

  private static String oomFile(int pid) {
    return "/proc/" + (pid == 0 ? "self" : Integer.toString(pid)) + "/oom_score_adj";
  }

  @Override
  public OptionalLong startTime(int pid) throws IOException {
    String line;
    try {
      line = files.readText("/proc/" + pid + "/stat");
    } catch (LinuxException e) {
      // ESRCH: reaped between open and read.
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
        return OptionalLong.empty();
      }
      throw e;
    }
    // The command in parentheses may hold spaces and parentheses; start time is the 20th field
    // after.
    int at = line.lastIndexOf(')') + 1;
    for (int field = 0; field < 20; field++) {
      at = line.indexOf(' ', at) + 1;
    }
    return OptionalLong.of(Long.parseLong(line.substring(at, line.indexOf(' ', at))));
  }

  @Override
  public void setPriority(int pid, int nice) throws LinuxException {
    long result = kernel.call(Syscall.SETPRIORITY, 0, pid, nice);
    if (result < 0) {
      throw failure("set priority of process " + pid + " to " + nice, result);
    }
  }
}
