package io.gantry.cri.shims;

import com.google.protobuf.Any;
import io.gantry.cri.config.Sharing;
import io.gantry.runtime.shim.ShimCommand;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts shims and keeps some warm. A warm shim is a plain server that holds nothing; it is given
 * to one container only, and the pool is filled again in the background, by one thread, so that a
 * burst of containers is not slowed by as many JVMs starting.
 */
public final class ShimManager implements Shims {
  private static final Logger LOG = LoggerFactory.getLogger(ShimManager.class);

  // Of a shim for all of a node's containers; a hundred take some 20 MB.
  private static final String NODE_HEAP = "-Xmx64m";

  private final ShimSettings settings;
  private final Handlers handlers;
  private final Map<String, ShimGroup> groups = new ConcurrentHashMap<>();
  private final ShimProcess processes;
  private final ShimArchiveSource commands;
  private final List<Path> left;
  private final Thread refiller;
  private final ArrayDeque<TaskConnection> pool = new ArrayDeque<>(); // guarded by pool
  private boolean closed; // guarded by pool

  private ShimManager(
      ShimSettings settings,
      ShimArchiveSource commands,
      Handlers handlers,
      ShimPlace place,
      List<Path> left) {
    this.settings = settings;
    this.handlers = handlers;
    this.processes = new ShimProcess(settings, place);
    this.commands = commands;
    this.left = List.copyOf(left);
    this.refiller = new Thread(this::refill, "shim-pool");
    refiller.setDaemon(true);
  }

  /**
   * Makes the directory and begins to fill the pool. Shims of an earlier daemon are looked for by
   * {@link #recover}, which should come before the first container.
   *
   * @param handlers what the handlers that tenants name mean
   * @param place where shims belong
   * @throws IOException when the directory cannot be made
   */
  public static ShimManager open(
      ShimSettings settings, ShimCommand command, Handlers handlers, ShimPlace place)
      throws IOException {
    Files.createDirectories(
        settings.directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // Listed before any shim of this daemon's own is started.
    List<Path> left = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(settings.directory(), "*.sock")) {
      sockets.forEach(left::add);
    }
    ShimManager manager =
        new ShimManager(
            settings, new ShimArchiveSource(command, settings.directory()), handlers, place, left);
    manager.refiller.start();
    return manager;
  }

  @Override
  public ShimConnection start(Tenant tenant) throws IOException {
    try {
      Optional<Any> options = handlers.options(tenant.handler());
      TaskConnection given = give(tenant);
      return options.isEmpty() ? given : given.creatingWith(options.get());
    } catch (IOException e) {
      throw new IOException(
          "start shim for container " + tenant.containerId() + ": " + e.getMessage(), e);
    }
  }

  private TaskConnection give(Tenant tenant) throws IOException {
    return switch (handlers.sharing(tenant.handler())) {
      case CONTAINER -> warmOrNew();
      case POD -> join(tenant, this::warmOrNew);
      // A warm one is made for a few containers: its heap is small.
      case NODE -> join(tenant, this::large);
    };
  }

  private TaskConnection join(Tenant tenant, ShimGroup.Source otherwise) throws IOException {
    ShimGroup group = group(tenant).orElseThrow();
    return group
        .join(tenant.containerId(), this::connect, otherwise)
        .in(group, tenant.containerId());
  }

  /** Who shares the shim of a container; empty if nobody does. */
  private Optional<ShimGroup> group(Tenant tenant) {
    Sharing shared = handlers.sharing(tenant.handler());
    String key = tenant.handler() + "/" + (shared == Sharing.POD ? tenant.podId() : "");
    return switch (shared) {
      case CONTAINER -> Optional.empty();
      case POD -> {
        // Pods come and go. Who has joined keeps its group by itself.
        groups.values().removeIf(ShimGroup::isSpent);
        yield Optional.of(groups.computeIfAbsent(key, any -> new ShimGroup(true)));
      }
      case NODE -> Optional.of(groups.computeIfAbsent(key, any -> new ShimGroup(false)));
    };
  }

  private TaskConnection connect(Path socket) throws IOException {
    return watched(TaskConnection.over(TtrpcClient.connect(socket), socket));
  }

  private TaskConnection large() throws IOException {
    ShimCommand command = commands.current();
    List<String> flags = new ArrayList<>(command.moreFlags());
    flags.add(NODE_HEAP);
    return watched(processes.start(command.withMoreFlags(flags)));
  }

  private TaskConnection warmOrNew() throws IOException {
    TaskConnection warm = take();
    if (warm != null) {
      LOG.atDebug().addKeyValue("shim", warm.shimPid()).log("warm shim given");
      return warm;
    }
    return watched(processes.start(commands.current()));
  }

  /** A living shim of the pool, or null. */
  private TaskConnection take() throws IOException {
    synchronized (pool) {
      if (closed) {
        throw new IOException("start shim: the daemon is ending");
      }
      TaskConnection warm = pool.poll();
      while (warm != null && warm.closed().isDone()) {
        warm = pool.poll();
      }
      pool.notifyAll();
      return warm;
    }
  }

  private void refill() {
    try {
      commands.prepare();
      while (awaitRoom()) {
        fillOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False once this manager is closed. */
  private boolean awaitRoom() throws InterruptedException {
    synchronized (pool) {
      while (!closed && pool.size() >= settings.poolSize()) {
        pool.wait();
      }
      return !closed;
    }
  }

  private void fillOne() throws InterruptedException {
    try {
      TaskConnection fresh = watched(processes.start(commands.current()));
      if (!keep(fresh)) {
        end(fresh);
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("error", e.getMessage()).log("warm shim cannot be started");
      // The next container tries by itself and reports; until one asks, or a while has passed,
      // trying on would only burn the machine.
      synchronized (pool) {
        if (!closed) {
          pool.wait(settings.startLimit().toMillis());
        }
      }
    }
  }

  private boolean keep(TaskConnection warm) {
    synchronized (pool) {
      if (closed || pool.size() >= settings.poolSize()) {
        return false;
      }
      pool.add(warm);
      return true;
    }
  }

  /**
   * A shim that is gone leaves its socket behind when it was killed, and its log is of use only
   * while it lives.
   */
  private TaskConnection watched(TaskConnection connection) {
    connection
        .closed()
        .thenRunAsync(
            () -> {
              if (isDead(connection.socket())) {
                removeFiles(connection.socket());
              }
              synchronized (pool) {
                pool.remove(connection);
                pool.notifyAll();
              }
            });
    return connection;
  }

  /**
   * Asks, because a connection alone proves nothing: a listening socket takes some until the thread
   * that waits on it has woken up and left.
   */
  private static boolean isDead(Path socket) {
    try {
      TaskConnection.over(TtrpcClient.connect(socket), socket).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static void removeFiles(Path socket) {
    String words = ShimProcess.tail(ShimProcess.logOf(socket));
    if (!words.isEmpty()) {
      LOG.atInfo().addKeyValue("socket", socket).addKeyValue("said", words).log("shim has ended");
    }
    try {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(ShimProcess.logOf(socket));
      Files.deleteIfExists(ShimProcess.eventsOf(socket));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("socket", socket)
          .addKeyValue("error", e.getMessage())
          .log("files of a shim stay");
    }
  }

  @Override
  public ShimConnection reconnect(Tenant tenant, String address) throws IOException {
    try {
      return adopt(tenant, connect(TaskConnection.socketOf(address)));
    } catch (IOException e) {
      throw new IOException(
          "reconnect to the shim of container " + tenant.containerId() + ": " + e.getMessage(), e);
    }
  }

  private TaskConnection adopt(Tenant tenant, TaskConnection connection) {
    return group(tenant)
        .map(group -> member(group, tenant.containerId(), connection))
        .orElse(connection);
  }

  private static TaskConnection member(
      ShimGroup group, String containerId, TaskConnection connection) {
    group.found(containerId, connection.socket());
    return connection.in(group, containerId);
  }

  @Override
  public Map<String, ShimConnection> recover(Collection<Tenant> known) throws IOException {
    Map<String, Tenant> byId = new HashMap<>();
    known.forEach(tenant -> byId.put(tenant.containerId(), tenant));
    Map<String, ShimConnection> found = new HashMap<>();
    for (Path socket : left) {
      recover(socket, byId, found);
    }
    return found;
  }

  private void recover(Path socket, Map<String, Tenant> known, Map<String, ShimConnection> found) {
    TaskConnection connection;
    try {
      connection = connect(socket);
    } catch (IOException e) {
      LOG.atInfo().addKeyValue("socket", socket).log("socket of a dead shim removed");
      removeFiles(socket);
      return;
    }
    try {
      List<String> wanted = new LeftShim(connection, known.keySet()).settle();
      // Several in a shim belong together, whatever the configuration says by now.
      ShimGroup together = new ShimGroup(true);
      for (String id : wanted) {
        Optional<ShimGroup> group = group(known.get(id));
        found.put(
            id,
            wanted.size() == 1
                ? adopt(known.get(id), connect(socket))
                : member(group.orElse(together), id, connect(socket)));
      }
      if (wanted.isEmpty()) {
        // Warm ones too: they may run an older program than this daemon's.
        end(connection);
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("shim", connection.shimPid())
          .addKeyValue("error", e.getMessage())
          .log("shim left alone");
    } finally {
      connection.close();
    }
  }

  private static void end(TaskConnection connection) {
    try {
      connection.shutdown();
    } catch (TtrpcException e) {
      LOG.atWarn()
          .addKeyValue("shim", connection.shimPid())
          .addKeyValue("error", e.getMessage())
          .log("shim stays");
    } finally {
      connection.close();
    }
  }

  @Override
  public void close() {
    ArrayDeque<TaskConnection> left;
    synchronized (pool) {
      closed = true;
      left = new ArrayDeque<>(pool);
      pool.clear();
      pool.notifyAll();
    }
    left.forEach(ShimManager::end);
    awaitRefiller();
  }

  /** One that is being started ends only if somebody is there to end it. */
  private void awaitRefiller() {
    try {
      refiller.join(settings.startLimit().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
