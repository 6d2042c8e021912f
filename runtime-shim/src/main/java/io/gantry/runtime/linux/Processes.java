package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * System calls on processes. Process ids are those of this process's PID namespace. Thread-safe.
 */
public interface Processes {
  int pid();

  /**
   * Opens a process's root directory, as the process sees it, its mounts included.
   *
   * @throws LinuxException ENOENT if there is no such process
   */
  Fd openRoot(int pid) throws LinuxException;

  /** The calling thread's id. */
  int threadId();

  /** kill(2); a negative {@code pid} means the process group. Signal 0 only asks. */
  void kill(int pid, int signal) throws LinuxException;

  /** A descriptor that stands for the process, also after its id is used again (pidfd_open(2)). */
  Fd openPidfd(int pid) throws LinuxException;

  /** pidfd_send_signal(2). ESRCH once the process was reaped. */
  void signal(Fd pidfd, int signal) throws LinuxException;

  /**
   * Waits until the child ends and reaps it. Blocks the thread in the kernel; not interruptible.
   */
  ExitStatus await(Fd pidfd) throws LinuxException;

  /** Reaps the child if it has ended; empty while it runs. */
  Optional<ExitStatus> poll(Fd pidfd) throws LinuxException;

  /**
   * Reaps any child that has ended; empty if none has.
   *
   * @throws LinuxException ECHILD if there is no child at all
   */
  Optional<ExitStatus> pollAny() throws LinuxException;

  /**
   * Waits until any child ends, without reaping it, and returns its id.
   *
   * @throws LinuxException ECHILD if there is no child at all
   */
  int awaitAny() throws LinuxException;

  /** prctl(2). */
  int prctl(int option, long a, long b, long c, long d) throws LinuxException;

  /**
   * Keeps ptrace and /proc/PID of this process from other users' processes, those in containers too
   * (PR_SET_DUMPABLE 0).
   */
  void makeNonDumpable() throws LinuxException;

  /** Makes orphaned descendants children of this process (PR_SET_CHILD_SUBREAPER). */
  void makeSubreaper() throws LinuxException;

  /**
   * Gives the calling thread other effective and file-system ids, which what it makes will belong
   * to, and keeps all its capabilities in force. For a thread made for it: ids are per thread only
   * as long as nobody tells the C library of them.
   */
  void actAs(int uid, int gid) throws LinuxException;

  /** Starts a new session; returns its id. EPERM for a group leader. */
  int setsid() throws LinuxException;

  void setpgid(int pid, int group) throws LinuxException;

  /**
   * Reads a limit; {@code pid} 0 is this process, {@code resource} a number of {@link Resources}.
   */
  ResourceLimit limit(int pid, int resource) throws LinuxException;

  void setLimit(int pid, int resource, ResourceLimit limit) throws LinuxException;

  /** The descriptors that a process has open; none if it has ended. */
  OpenFiles openFiles(int pid) throws LinuxException;

  /**
   * How many descriptors are open.
   *
   * @param sockets those of them that are sockets
   */
  record OpenFiles(int all, int sockets) {}

  /**
   * Sets oom_score_adj, -1000 to 1000. Without CAP_SYS_RESOURCE a value below the process's own
   * minimum cannot be set; the lowest one that can be is set instead.
   *
   * @return the value that holds now
   */
  int setOomScoreAdj(int pid, int value) throws IOException;

  int oomScoreAdj(int pid) throws IOException;

  /**
   * When the process began, in clock ticks since boot: with the id, a name that is never used
   * twice. Empty if it is gone.
   */
  OptionalLong startTime(int pid) throws IOException;

  /** Sets the nice value, -20 to 19 (setpriority(2)). */
  void setPriority(int pid, int nice) throws LinuxException;
}
