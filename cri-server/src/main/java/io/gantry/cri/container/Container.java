package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.runtime.oci.OciProcess;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A container in this daemon's memory: its record, the connection to its shim, and the lock that
 * puts operations on it in a row. Reading takes no lock. Thread-safe.
 */
public final class Container {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ReentrantLock operation = new ReentrantLock(true);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean askedToStop = new AtomicBoolean();
  private volatile ContainerRecord record;
  private volatile Optional<ShimConnection> shim = Optional.empty();
  private volatile boolean removed;
  private volatile boolean paused;
  private volatile OciProcess firstProcess;

  Container(ContainerRecord record) {
    this.record = record;
  }

  public String id() {
    return record.id();
  }

  public ContainerRecord record() {
    return record;
  }

  public State state() {
    return record.state();
  }

  /** The connection to its shim, while it has one. */
  public Optional<ShimConnection> shim() {
    return shim;
  }

  /** Sets or drops the connection; does not close the one before. */
  public void connect(Optional<ShimConnection> connection) {
    shim = connection;
  }

  /** The process that its specification describes, once someone has read it; null before. */
  OciProcess firstProcess() {
    return firstProcess;
  }

  void remember(OciProcess process) {
    firstProcess = process;
  }

  /** Completes when its end is recorded and what its processes held is freed. */
  public CompletableFuture<Void> ended() {
    return ended;
  }

  /** True for the first caller only, until {@link #stopSignalFailed()}. */
  boolean claimStopSignal() {
    return askedToStop.compareAndSet(false, true);
  }

  void stopSignalFailed() {
    askedToStop.set(false);
  }

  public boolean isRemoved() {
    return removed;
  }

  /** Says whether somebody has had it stand still. */
  public void paused(boolean now) {
    paused = now;
  }

  boolean isPaused() {
    return paused;
  }

  /** Called with the operation held. */
  void markRemoved() {
    removed = true;
    ended.complete(null);
  }

  /** Called by {@link Containers} alone, which writes the record first. */
  void replace(ContainerRecord newRecord) {
    record = newRecord;
  }

  /**
   * Takes the container for one operation that changes its state, I/O included. Closed by the same
   * thread.
   *
   * @throws CriException TIMED_OUT if another operation does not end
   */
  public Operation begin() throws InterruptedException {
    // With a time, even none: without one it would push in before those who wait.
    if (operation.tryLock(0, TimeUnit.MILLISECONDS)) {
      return new Operation();
    }
    Phase.begins("wait for another operation on the container");
    if (!operation.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new CriException(
          Failure.TIMED_OUT,
          "container %s: another operation on it has not ended for %d s"
              .formatted(id(), PATIENCE.toSeconds()));
    }
    return new Operation();
  }

  /** As {@link #begin}, for work that nobody waits for and that must be done. */
  Operation beginUninterruptibly() {
    operation.lock();
    return new Operation();
  }

  /** This container, taken for one operation; what changes its record asks for it. */
  public final class Operation implements AutoCloseable {
    private Operation() {}

    public Container container() {
      return Container.this;
    }

    public ContainerRecord record() {
      return record;
    }

    public State state() {
      return record.state();
    }

    @Override
    public void close() {
      operation.unlock();
    }
  }
}
