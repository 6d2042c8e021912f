package io.gantry.cri.shims;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts shims and keeps some warm. A warm shim is a plain server that holds nothing; it is given
 * to one container only, and the pool is filled again in the background, by one thread, so that a
 * burst of containers is not slowed by as many JVMs starting.
 */
public final class ShimManager implements Shims {
  private static final Logger LOG = LoggerFactory.getLogger(ShimManager.class);

  private final ShimSettings settings;
  private final ShimProcess processes;
  private final ShimArchiveSource commands;
  private final List<Path> left;
  private final Thread refiller;
  private final ArrayDeque<TaskConnection> pool = new ArrayDeque<>(); // guarded by pool
  private boolean closed; // guarded by pool

  private ShimManager(ShimSettings settings, ShimArchiveSource commands, List<Path> left) {
    this.settings = settings;
    this.processes = new ShimProcess(settings);
    this.commands = commands;
    this.left = List.copyOf(left);
    this.refiller = new Thread(this::refill, "shim-pool");
    refiller.setDaemon(true);
  }

  /**
   * Makes the directory and begins to fill the pool. Shims of an earlier daemon are looked for by
   * {@link #recover}, which should come before the first container.
   *
   * @throws IOException when the directory cannot be made
   */
  public static ShimManager open(ShimSettings settings, ShimCommand command) throws IOException {
    Files.createDirectories(
        settings.directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // Listed before any shim of this daemon's own is started.
    List<Path> left = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(settings.directory(), "*.sock")) {
      sockets.forEach(left::add);
    }
    ShimManager manager =
        new ShimManager(settings, new ShimArchiveSource(command, settings.directory()), left);
    manager.refiller.start();
    return manager;
  }

  @Override
  public ShimConnection start(String containerId, Path bundle) throws IOException {
    TaskConnection warm = take();
    if (warm != null) {
      LOG.atDebug()
          .addKeyValue("container", containerId)
          .addKeyValue("shim", warm.shimPid())
          .log("warm shim given");
      return warm;
    }
    try {
      return watched(processes.start(commands.current()));
    } catch (IOException e) {
      throw new IOException(
          "start shim for container " + containerId + " of " + bundle + ": " + e.getMessage(), e);
    }
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
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("socket", socket)
          .addKeyValue("error", e.getMessage())
          .log("files of a shim stay");
    }
  }

  @Override
  public ShimConnection reconnect(String containerId, String address) throws IOException {
    Path socket = TaskConnection.socketOf(address);
    try {
      return watched(TaskConnection.over(TtrpcClient.connect(socket), socket));
    } catch (IOException e) {
      throw new IOException(
          "reconnect to the shim of container " + containerId + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Map<String, ShimConnection> recover(Set<String> known) throws IOException {
    Map<String, ShimConnection> found = new HashMap<>();
    for (Path socket : left) {
      recover(socket, known, found);
    }
    return found;
  }

  private void recover(Path socket, Set<String> known, Map<String, ShimConnection> found) {
    TaskConnection connection;
    try {
      connection = watched(TaskConnection.over(TtrpcClient.connect(socket), socket));
    } catch (IOException e) {
      LOG.atInfo().addKeyValue("socket", socket).log("socket of a dead shim removed");
      removeFiles(socket);
      return;
    }
    LeftShim shim = new LeftShim(connection, known);
    try {
      Optional<String> wanted = shim.settle();
      if (wanted.isPresent()) {
        found.put(wanted.get(), connection);
      } else {
        // Warm ones too: they may run an older program than this daemon's.
        end(connection);
      }
    } catch (TtrpcException e) {
      LOG.atWarn()
          .addKeyValue("shim", connection.shimPid())
          .addKeyValue("error", e.getMessage())
          .log("shim left alone");
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
  }
}
