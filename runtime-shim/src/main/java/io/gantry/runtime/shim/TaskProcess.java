package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.Family;
import io.gantry.runtime.container.ProcessStdio;
import io.gantry.runtime.container.StartedProcess;
import io.gantry.runtime.container.StartedProcess.Child;
import io.gantry.runtime.container.StartedProcess.Distant;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.shim.ProcessState.Created;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.shim.ProcessState.Running;
import io.gantry.runtime.shim.ProcessState.Starting;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** One process from its preparation to its end, with its stdio. Thread-safe. */
final class TaskProcess implements AutoCloseable {
  // Output written before the exit is copied to a file at once; only a FIFO whose reader is stuck
  // can use this time up.
  private static final int DRAIN_LIMIT_SECONDS = 10;
  private static final int SIGHUP = 1;
  // What another shim still copies when it tells of the exit comes at once; only a descendant that
  // outlives the process holds the end back.
  private static final int DISTANT_OUTPUT_SECONDS = 2;
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  /** Starts the program with the given streams. */
  @FunctionalInterface
  interface Program {
    StartedProcess start(ProcessStdio stdio) throws ContainerException;
  }

  private final String name;
  private final Program program;
  private final ProcessIo io;
  private final Surroundings around;
  private final Consumer<Exited> ended;
  private final CompletableFuture<Exited> exit = new CompletableFuture<>();
  private final Object lock = new Object();
  private ProcessState state = new Created(); // guarded by lock
  private boolean ending; // guarded by lock
  private Distant distant; // guarded by lock; to be closed, null if there is none
  private Optional<Family> family = Optional.empty(); // guarded by lock
  private boolean doomed; // guarded by lock: nothing of the family is to be left behind
  private boolean patient; // guarded by lock
  private int drainSeconds = DRAIN_LIMIT_SECONDS; // guarded by lock

  /**
   * @param name for messages: "container web" or "exec 1 of container web"
   * @param io owned
   * @param ended told of the end before anybody else can know it; not told of a start that failed.
   *     Must not block.
   */
  TaskProcess(
      String name, Program program, ProcessIo io, Surroundings around, Consumer<Exited> ended) {
    this.name = name;
    this.program = program;
    this.io = io;
    this.around = around;
    this.ended = ended;
  }

  /**
   * Lets the end wait for as long as its output takes to reach its sinks: they end their waiting
   * themselves, as those of a client do with its connection.
   */
  TaskProcess patient() {
    synchronized (lock) {
      patient = true;
    }
    return this;
  }

  /** Lets the end wait so long at most for its output to reach its sinks. */
  void drainWithin(int seconds) {
    synchronized (lock) {
      drainSeconds = Math.max(drainSeconds, seconds);
    }
  }

  ProcessState state() {
    synchronized (lock) {
      return state;
    }
  }

  /**
   * Completes when the process has ended and its output is written; never fails. Dependents must
   * not block.
   */
  CompletableFuture<Exited> exit() {
    return exit;
  }

  ProcessIo io() {
    return io;
  }

  String name() {
    return name;
  }

  /** Host pid; 0 before the start, the last one after the end. */
  int pid() {
    ProcessState now = state();
    return now instanceof Running running
        ? running.pid()
        : now instanceof Exited exited ? exited.pid() : 0;
  }

  /**
   * Starts the program.
   *
   * @param started told the pid before any output is copied and the end can be told of
   * @throws Exception when a step fails; the process counts as ended then, with exit code 128
   */
  int start(IntConsumer started) throws Exception {
    synchronized (lock) {
      if (!(state instanceof Created)) {
        throw Failures.wrongState("start " + name + ": it " + state.words());
      }
      state = new Starting();
    }
    try {
      return around.reaper().launching(() -> launch(started));
    } catch (Exception | Error e) {
      end(new Exited(0, START_FAILED, Instant.now()), false);
      throw e;
    }
  }

  // What containerd gives a container whose start failed.
  private static final int START_FAILED = 128;

  private int launch(IntConsumer told) throws ContainerException, IOException {
    ProcessStdio stdio =
        io.childEnds()
            .<ProcessStdio>map(
                ends -> new ProcessStdio.Pipes(ends.stdin(), ends.stdout(), ends.stderr()))
            .orElseGet(ProcessStdio.Terminal::new);
    StartedProcess process = program.start(stdio);
    synchronized (lock) {
      state = new Running(process);
      distant = process instanceof Distant started ? started : null;
      family = process instanceof Child child ? child.family() : Optional.empty();
      lock.notifyAll();
    }
    told.accept(process.pid());
    // From here the process runs whatever happens to its streams, and it must be watched: a failure
    // is reported, not thrown.
    try {
      if (process instanceof Distant distant) {
        io.through(new DistantEnds(distant));
      }
      io.started(process instanceof Child child ? child.console() : Optional.empty());
    } catch (IOException e) {
      around.report().accept(name + ": copy its output: " + e.getMessage());
    }
    if (process instanceof Child child) {
      around.reaper().watch(child.pid(), child.pidfd(), code -> reaped(child, code));
    } else if (process instanceof Distant distant) {
      // Not on the connection's own thread, which what follows may wait for.
      distant.exit().thenAcceptAsync(code -> ended(distant, code), around.executor());
    }
    return process.pid();
  }

  /** On the reaper's thread: nothing here may block. */
  private void reaped(Child process, int code) {
    synchronized (lock) {
      process.pidfd().close();
    }
    drain(new Exited(process.pid(), code, Instant.now()));
  }

  /** Its output takes one way more than a child's, so that all of it is here only at its end. */
  private void ended(Distant process, int code) {
    Exited exited = new Exited(process.pid(), code, Instant.now());
    limited(io.outputEnded(), DISTANT_OUTPUT_SECONDS, () -> drain(exited));
  }

  private void drain(Exited exited) {
    CompletableFuture<Void> drained = io.exited();
    boolean waits;
    int seconds;
    synchronized (lock) {
      waits = patient;
      seconds = drainSeconds;
    }
    if (drained.isDone() || waits) {
      drained.whenCompleteAsync((done, failure) -> end(exited, true), around.executor());
      return;
    }
    limited(drained, seconds, () -> end(exited, true));
  }

  /** Goes on after {@code event}, or without it when it takes too long. */
  private void limited(CompletableFuture<Void> event, int limitSeconds, Runnable next) {
    CompletableFuture<Void> limited = new CompletableFuture<>();
    var limit =
        around.timers().schedule(() -> limited.complete(null), limitSeconds, TimeUnit.SECONDS);
    event.whenComplete((done, failure) -> limited.complete(null));
    limited.whenCompleteAsync(
        (done, failure) -> {
          limit.cancel(false);
          next.run();
        },
        around.executor());
  }

  private void end(Exited exited, boolean tell) {
    synchronized (lock) {
      if (ending) {
        return;
      }
      ending = true;
    }
    settleFamily();
    if (tell) {
      ended.accept(exited);
    }
    synchronized (lock) {
      state = exited;
      lock.notifyAll();
    }
    exit.complete(exited);
  }

  /**
   * Sends a signal through the process's own descriptor. Before the start, SIGKILL and SIGTERM make
   * the process count as ended.
   *
   * @throws TtrpcException NOT_FOUND when it has ended
   */
  void kill(int signal) throws Exception {
    ProcessState now = settled();
    if (now instanceof Created && (signal == SIGKILL || signal == SIGTERM)) {
      end(new Exited(0, 128 + signal, Instant.now()), true);
    } else if (now instanceof Running running) {
      signal(running, signal);
    } else if (now instanceof Exited) {
      throw Failures.notFound("kill " + name + ": it " + now.words());
    } else {
      throw Failures.wrongState("kill " + name + ": it " + now.words());
    }
  }

  private void signal(Running running, int signal) throws Exception {
    if (running.process() instanceof Distant distant) {
      distant.signal(signal);
    } else if (running.process() instanceof Child child) {
      signal(child, signal);
    }
  }

  private void signal(Child child, int signal) throws IOException {
    synchronized (lock) {
      if (child.pidfd().isClosed()) {
        throw Failures.notFound("kill " + name + ": it has ended");
      }
      try {
        around.linux().processes().signal(child.pidfd(), signal);
      } catch (LinuxException e) {
        throw e.errno() == Errno.ESRCH ? Failures.notFound("kill " + name + ": it has ended") : e;
      }
    }
  }

  /** What the process has left behind lives on, unless the process was to end with all of it. */
  private void settleFamily() {
    Optional<Family> left;
    synchronized (lock) {
      left = family;
    }
    if (left.isEmpty() || familyIsGone(left.get())) {
      return;
    }
    synchronized (lock) {
      if (!doomed) {
        left.get().leave();
      }
    }
  }

  private boolean familyIsGone(Family all) {
    try {
      return all.isGone();
    } catch (ContainerException e) {
      around.report().accept(name + ": " + e.getMessage());
      return false;
    }
  }

  /** True once the process has ended with everything it has started, as far as can be told. */
  boolean isGone() {
    Optional<Family> all;
    synchronized (lock) {
      if (!(state instanceof Exited)) {
        return false;
      }
      all = family;
    }
    return all.isEmpty() || familyIsGone(all.get());
  }

  /**
   * Tells the process that whoever it worked for is gone, as a terminal that is gone does: SIGHUP
   * for its group. {@link #killAll} is to follow after a while.
   */
  void hangUp() {
    synchronized (lock) {
      doomed = true;
      signalGroup(SIGHUP);
    }
  }

  /**
   * Kills the process with everything it has started, also if itself has ended by now; with its
   * group only, where there is no telling what it has started. Returns when that is gone: may take
   * seconds.
   */
  void killAll() {
    Optional<Family> all;
    synchronized (lock) {
      doomed = true;
      all = family;
      if (all.isEmpty()) {
        signalGroup(SIGKILL);
        return;
      }
    }
    try {
      all.get().kill();
    } catch (ContainerException e) {
      around.report().accept(name + ": " + e.getMessage());
    }
  }

  /** Called with the lock held, under which the process is reaped: the id is not another's. */
  private void signalGroup(int signal) {
    if (!(state instanceof Running running)) {
      return;
    }
    try {
      if (running.process() instanceof Distant distant) {
        distant.signalGroup(signal);
      } else if (running.process() instanceof Child child && !child.pidfd().isClosed()) {
        around.linux().processes().kill(-child.pid(), signal);
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ESRCH) {
        around.report().accept("signal process group of " + name + ": " + e.getMessage());
      }
    } catch (ContainerException e) {
      around.report().accept("signal process group of " + name + ": " + e.getMessage());
    }
  }

  /** The state once a start under way has come to its end. */
  private ProcessState settled() throws InterruptedException {
    synchronized (lock) {
      while (state instanceof Starting) {
        lock.wait();
      }
      return state;
    }
  }

  /** Frees the streams; output not yet copied is lost. */
  @Override
  public void close() {
    io.close();
    Distant started;
    synchronized (lock) {
      started = distant;
      distant = null;
    }
    if (started != null) {
      started.exit().thenRunAsync(started::close, around.executor());
    }
  }
}
