package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.foreign.ForeignEngine;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The long-running part of the shim: puts its parts together, listens, and ends when told or when
 * nobody needs it.
 */
final class ShimServer {
  // A shim's requests are small: OCI process and resource documents. The protocol's own 4 MiB would
  // not fit the heap twice.
  private static final int RECEIVE_LIMIT_BYTES = 1 << 20;
  // Behind the name of the shim's own socket: where shims that it stands before tell of events.
  private static final String EVENTS = ".events";
  private static final long IDLE_THREAD_SECONDS = 2;
  private static final int MAX_OOM_SCORE_ADJ = 1000;

  private final Linux linux;
  private final PrintStream log;

  ShimServer(Linux linux, PrintStream log) {
    this.linux = linux;
    this.log = log;
  }

  /**
   * Serves on a unix socket, which it makes, until the shim is to end; removes the socket then.
   *
   * @param idleLimit end by itself after so long without container and connection
   */
  void run(Path socket, String namespace, Optional<Duration> idleLimit) throws IOException {
    settle();
    ExecutorService executor = executor();
    ScheduledThreadPoolExecutor timers = timers();
    Reaper reaper = new Reaper(linux.processes(), this::report);
    EventPublisher events = publisher(namespace, executor);
    Surroundings around = new Surroundings(linux, reaper, events, executor, timers, this::report);
    Cgroups cgroups = CgroupTree.open(linux);
    ContainerEngine engine = new ContainerEngine(linux, cgroups, this::report);

    OpenSessions sessions = new OpenSessions();
    Ending ending = new Ending(sessions);
    Lifetime[] lifetime = new Lifetime[1];
    Path foreignEvents = socket.resolveSibling(socket.getFileName() + EVENTS);
    ForeignEngines foreigners = new ForeignEngines(around, cgroups, foreignEvents);
    Tasks tasks = new Tasks(engine, foreigners, around, () -> lifetime[0].changed());
    lifetime[0] = new Lifetime(idleLimit, timers, tasks::isEmpty, ending);
    int pid = linux.processes().pid();
    List<TtrpcService> services =
        new ArrayList<>(
            new TaskService(tasks, new TaskLife(tasks), pid, cgroups.version(), ending).versions());
    services.add(new ExtensionService(tasks, around, pid, sessions).service());
    TtrpcServer server =
        new TtrpcServer(services, executor, timers, RECEIVE_LIMIT_BYTES, lifetime[0]::connections);
    ending.server = server;

    Thread reaping = new Thread(null, reaper, "reaper");
    reaping.setDaemon(true);
    reaping.start();
    try (ServerSocketChannel listener = listen(socket)) {
      lifetime[0].changed();
      System.out.println(ShimCommand.READY);
      System.out.close();
      server.serve(listener);
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(foreignEvents);
    }
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return listener;
    } catch (IOException e) {
      listener.close();
      throw new IOException("listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  /**
   * Makes this process one that outlives its parent, adopts orphans, and cannot be looked into by
   * what runs in its containers.
   */
  private void settle() throws IOException {
    try {
      linux.processes().setsid();
    } catch (LinuxException e) {
      // EPERM: it leads a group already, which is as good; a hang-up of the parent's terminal does
      // not reach it.
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
    }
    linux.processes().makeSubreaper();
    linux.processes().makeNonDumpable();
    // A little more likely to be killed for memory than the daemon, as containerd's contract has
    // it.
    int own = linux.processes().oomScoreAdj(0);
    linux.processes().setOomScoreAdj(0, Math.min(own + 1, MAX_OOM_SCORE_ADJ));
  }

  private EventPublisher publisher(String namespace, ExecutorService executor) {
    String address = System.getenv("TTRPC_ADDRESS");
    return address == null || address.isEmpty()
        ? EventPublisher.NONE
        : new ForwardedEvents(Path.of(address), namespace, executor, this::report);
  }

  private static ExecutorService executor() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_THREAD_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        daemon("worker"));
  }

  private static ScheduledThreadPoolExecutor timers() {
    ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, daemon("timer"));
    timers.setRemoveOnCancelPolicy(true);
    timers.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
    timers.allowCoreThreadTimeOut(true);
    return timers;
  }

  private static ThreadFactory daemon(String name) {
    return work -> {
      Thread thread = new Thread(null, work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void report(String words) {
    log.println("containerd-shim-gantry-v2: " + words);
  }

  /** Makes its engine when first asked: few shims stand before another. */
  private static final class ForeignEngines implements Supplier<ForeignEngine> {
    private final Surroundings around;
    private final Cgroups cgroups;
    private final Path events;
    private ForeignEngine engine; // guarded by this

    ForeignEngines(Surroundings around, Cgroups cgroups, Path events) {
      this.around = around;
      this.cgroups = cgroups;
      this.events = events;
    }

    @Override
    public synchronized ForeignEngine get() {
      if (engine == null) {
        engine =
            new ForeignEngine(
                around.linux(),
                cgroups,
                events,
                around.executor(),
                around.timers(),
                around.report());
      }
      return engine;
    }
  }

  /** Closes the server, which lets {@link #run} return. */
  private final class Ending implements Runnable {
    private final OpenSessions sessions;
    private volatile TtrpcServer server;

    Ending(OpenSessions sessions) {
      this.sessions = sessions;
    }

    @Override
    public void run() {
      sessions.awaitEnd();
      try {
        server.close();
      } catch (IOException e) {
        report("close the listening socket: " + e.getMessage());
      }
    }
  }
}
