package io.gantry.cri.pod;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.state.RecordStore;
import io.gantry.proto.cri.v1.ContainerEventType;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * All pods, in memory and on disk. Reading never touches the disk, so that lists and statuses
 * answer whatever hangs elsewhere. Thread-safe.
 */
public final class Pods {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RecordStore<Pod> records;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private volatile PodEvents events = PodEvents.NONE;

  /**
   * A pod and its lock: shared by those who work inside the pod, exclusive to those who make or end
   * it. The lock is taken for whole operations, I/O included; it guards the pod's parts, not this
   * object.
   */
  private static final class Entry {
    private final ReadWriteLock lock = new ReentrantReadWriteLock(true);
    private volatile Pod pod;

    Entry(Pod pod) {
      this.pod = pod;
    }
  }

  Pods(RecordStore<Pod> records) {
    this.records = records;
  }

  /** Has a listener told of what happens from now on. */
  public void tell(PodEvents listener) {
    events = listener;
  }

  /** Reads what earlier daemons left, in whatever state it is. */
  void load() throws IOException {
    for (Pod pod : records.load().values()) {
      entries.put(pod.id(), new Entry(pod));
    }
  }

  /**
   * The pod with this id, or the only one whose id begins so.
   *
   * @return empty if there is none, or more than one
   */
  public Optional<Pod> find(String idOrPrefix) {
    return entry(idOrPrefix).map(entry -> entry.pod);
  }

  /** Every pod that callers may see, oldest first. */
  public List<Pod> list() {
    return all().stream()
        .filter(Pods::isShown)
        .sorted((a, b) -> a.createdAt().compareTo(b.createdAt()))
        .toList();
  }

  Collection<Pod> all() {
    return entries.values().stream().map(entry -> entry.pod).toList();
  }

  /**
   * Keeps a ready pod from being stopped while something is done in it. Closed by the thread that
   * took it.
   */
  public interface Hold extends AutoCloseable {
    Pod pod();

    @Override
    void close();
  }

  /**
   * Takes a hold on a ready pod; many may hold one pod.
   *
   * @throws CriException NOT_FOUND if there is no such pod, WRONG_STATE if it is not ready,
   *     TIMED_OUT if it stays busy
   */
  public Hold hold(String idOrPrefix) throws InterruptedException {
    Entry entry = entry(idOrPrefix).orElseThrow(() -> notFound(idOrPrefix));
    Lock lock = take(entry.lock.readLock(), entry);
    if (!entry.pod.isReady()) {
      lock.unlock();
      String why = entry.pod.state() instanceof PodState.NotReady state ? state.why() : "going";
      throw CriException.wrongState("pod " + entry.pod.id() + " is not ready: " + why);
    }
    return held(entry, lock);
  }

  /** Takes a pod for oneself, in any state; empty if there is none. */
  Optional<Hold> holdExclusively(String idOrPrefix) throws InterruptedException {
    Optional<Entry> found = entry(idOrPrefix);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Entry entry = found.get();
    Lock lock = take(entry.lock.writeLock(), entry);
    if (entries.get(entry.pod.id()) != entry) { // Removed while we waited.
      lock.unlock();
      return Optional.empty();
    }
    return Optional.of(held(entry, lock));
  }

  /** Adds a pod that is about to be made, held exclusively by the caller. Durable on return. */
  Hold add(Pod pod) throws IOException, InterruptedException {
    records.add(pod.id(), pod);
    var entry = new Entry(pod);
    Lock lock = take(entry.lock.writeLock(), entry);
    entries.put(pod.id(), entry);
    return held(entry, lock);
  }

  /** Replaces a pod that the caller holds exclusively. Durable on return. */
  void put(Pod pod) throws IOException {
    records.put(pod.id(), pod);
    Entry entry = entries.get(pod.id());
    Pod before = entry.pod;
    entry.pod = pod;
    if (isShown(pod)) {
      if (!isShown(before)) {
        events.happened(ContainerEventType.CONTAINER_CREATED_EVENT, pod);
      }
      if (pod.isReady() && !before.isReady()) {
        events.happened(ContainerEventType.CONTAINER_STARTED_EVENT, pod);
      } else if (!pod.isReady() && (before.isReady() || !isShown(before))) {
        events.happened(ContainerEventType.CONTAINER_STOPPED_EVENT, pod);
      }
    }
  }

  /** Forgets a pod that the caller holds exclusively. */
  void remove(String id) throws IOException {
    records.remove(id);
    Entry entry = entries.remove(id);
    if (entry != null && isShown(entry.pod)) {
      events.happened(ContainerEventType.CONTAINER_DELETED_EVENT, entry.pod);
    }
  }

  static CriException notFound(String id) {
    return CriException.notFound("pod " + id + " does not exist");
  }

  private static boolean isShown(Pod pod) {
    return !(pod.state() instanceof PodState.Making);
  }

  private Optional<Entry> entry(String idOrPrefix) {
    Entry exact = entries.get(idOrPrefix);
    if (exact != null) {
      return isShown(exact.pod) ? Optional.of(exact) : Optional.empty();
    }
    if (idOrPrefix.isEmpty()) {
      return Optional.empty();
    }
    List<Entry> matching =
        entries.values().stream()
            .filter(entry -> isShown(entry.pod) && entry.pod.id().startsWith(idOrPrefix))
            .limit(2)
            .toList();
    return matching.size() == 1 ? Optional.of(matching.get(0)) : Optional.empty();
  }

  private static Lock take(Lock lock, Entry entry) throws InterruptedException {
    // With a time, even none: without one it would push in before those who wait.
    if (lock.tryLock(0, TimeUnit.MILLISECONDS)) {
      return lock;
    }
    Phase.begins("wait for another operation on the pod");
    if (!lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new CriException(
          Failure.TIMED_OUT,
          "pod %s: another operation on it has not ended for %d s"
              .formatted(entry.pod.id(), PATIENCE.toSeconds()));
    }
    return lock;
  }

  private static Hold held(Entry entry, Lock lock) {
    return new Hold() {
      @Override
      public Pod pod() {
        return entry.pod;
      }

      @Override
      public void close() {
        lock.unlock();
      }
    };
  }
}
