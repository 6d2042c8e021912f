package io.gantry.runtime.shim;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Processes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Learns of every child's end and reaps it, on one thread however many there are: those that were
 * started here, which are told of, and orphans that the kernel gave to this process as the
 * subreaper of its descendants, which are not.
 *
 * <p>A child is seen first (waitid with WNOWAIT) and reaped by its own pidfd, so that the id of a
 * process that somebody still counts on is never free for another.
 */
final class Reaper implements Runnable {
  private final Processes processes;
  private final Consumer<String> report;
  private final Map<Integer, Child> children = new HashMap<>(); // guarded by this
  private int launches; // guarded by this

  private record Child(Fd pidfd, IntConsumer ended) {}

  Reaper(Processes processes, Consumer<String> report) {
    this.processes = processes;
    this.report = report;
  }

  /**
   * Runs what makes children and may reap some of them itself, such as one whose program could not
   * be executed. Until it returns this reaper leaves children it does not know alone.
   */
  <T> T launching(Callable<T> work) throws Exception {
    synchronized (this) {
      launches++;
    }
    try {
      return work.call();
    } finally {
      synchronized (this) {
        launches--;
        notifyAll();
      }
    }
  }

  /**
   * Watches a child; to be called within {@link #launching}.
   *
   * @param pidfd stays the caller's, and open until {@code ended} was called
   * @param ended told the exit code (128 + n for signal n) once, on the reaper's thread, which it
   *     must not block
   */
  synchronized void watch(int pid, Fd pidfd, IntConsumer ended) {
    children.put(pid, new Child(pidfd, ended));
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        reapNext();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void reapNext() throws InterruptedException {
    int pid;
    try {
      pid = processes.awaitAny();
    } catch (LinuxException e) {
      if (e.errno() != Errno.ECHILD) {
        report.accept("wait for children: " + e.getMessage());
      }
      withoutChildren();
      return;
    }
    Child child;
    synchronized (this) {
      while (!children.containsKey(pid) && launches > 0) {
        wait();
      }
      child = children.remove(pid);
    }
    if (child == null) {
      reapOrphan(pid);
    } else {
      child.ended().accept(reap(child.pidfd()));
    }
  }

  /**
   * The kernel says that there is no child: who is still on the list was reaped behind our back,
   * which must not go unnoticed.
   */
  private void withoutChildren() throws InterruptedException {
    List<Child> lost;
    synchronized (this) {
      while (children.isEmpty()) {
        wait();
      }
      lost = new ArrayList<>();
      children.values().removeIf(child -> isGone(child) && lost.add(child));
    }
    for (Child child : lost) {
      report.accept("a child was reaped elsewhere: its exit code is unknown");
      child.ended().accept(UNKNOWN_EXIT_CODE);
    }
  }

  // What containerd reports for an exit that nobody saw.
  private static final int UNKNOWN_EXIT_CODE = 255;

  private boolean isGone(Child child) {
    try {
      processes.signal(child.pidfd(), 0);
      return false;
    } catch (LinuxException e) {
      return true;
    }
  }

  private int reap(Fd pidfd) {
    try {
      ExitStatus status = processes.await(pidfd);
      return status.code();
    } catch (LinuxException e) {
      report.accept("reap: " + e.getMessage());
      return UNKNOWN_EXIT_CODE;
    }
  }

  private void reapOrphan(int pid) {
    try (Fd pidfd = processes.openPidfd(pid)) {
      processes.await(pidfd);
    } catch (LinuxException e) {
      // ESRCH, ECHILD: a launch that failed has reaped its own child meanwhile.
      if (e.errno() != Errno.ESRCH && e.errno() != Errno.ECHILD) {
        report.accept("reap orphan " + pid + ": " + e.getMessage());
      }
    }
  }
}
