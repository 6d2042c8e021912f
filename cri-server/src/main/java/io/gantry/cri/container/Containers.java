package io.gantry.cri.container;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.state.RecordStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All containers, in memory and on disk. Reading never touches the disk, so that lists and statuses
 * answer whatever hangs elsewhere. Thread-safe.
 */
public final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);

  private final RecordStore<ContainerRecord> records;
  private final Map<String, Container> containers = new ConcurrentHashMap<>();

  Containers(RecordStore<ContainerRecord> records) {
    this.records = records;
  }

  /** Opens the records below a directory; none are in memory until {@link #load}. */
  public static Containers open(Path directory, FaultPoints faults) throws IOException {
    return new Containers(RecordStore.open(directory, new ContainerRecords(), faults));
  }

  /** Reads what earlier daemons left, in whatever state it is. */
  public Collection<Container> load() throws IOException {
    for (ContainerRecord record : records.load().values()) {
      containers.put(record.id(), new Container(record));
    }
    return all();
  }

  /**
   * The container with this id, or the only one whose id begins so; empty if there is none, or more
   * than one.
   */
  public Optional<Container> find(String idOrPrefix) {
    Container exact = containers.get(idOrPrefix);
    if (exact != null) {
      return isShown(exact) ? Optional.of(exact) : Optional.empty();
    }
    if (idOrPrefix.isEmpty()) {
      return Optional.empty();
    }
    List<Container> matching =
        containers.values().stream()
            .filter(container -> isShown(container) && container.id().startsWith(idOrPrefix))
            .limit(2)
            .toList();
    return matching.size() == 1 ? Optional.of(matching.get(0)) : Optional.empty();
  }

  /**
   * As {@link #find}.
   *
   * @throws CriException NOT_FOUND
   */
  public Container get(String idOrPrefix) {
    return find(idOrPrefix).orElseThrow(() -> notFound(idOrPrefix));
  }

  static CriException notFound(String id) {
    return CriException.notFound("container " + id + " not found");
  }

  /** Every container that callers may see, oldest first. */
  public List<Container> list() {
    return containers.values().stream()
        .filter(Containers::isShown)
        .sorted(Comparator.comparing(container -> container.record().createdAt()))
        .toList();
  }

  /** The pod's containers, also those still being made. */
  public List<Container> inPod(String podId) {
    return containers.values().stream()
        .filter(container -> container.record().podId().equals(podId))
        .toList();
  }

  /** Every container, also those still being made. */
  public Collection<Container> all() {
    return List.copyOf(containers.values());
  }

  private static boolean isShown(Container container) {
    return !(container.state() instanceof State.Making);
  }

  /** Adds a container that is being made. Durable on return. */
  Container add(ContainerRecord record) throws IOException {
    records.add(record.id(), record);
    Container container = new Container(record);
    containers.put(record.id(), container);
    return container;
  }

  /**
   * Replaces the record of a container that the caller has taken. Durable on return; on failure
   * nothing changed.
   */
  public void put(Container.Operation operation, ContainerRecord record) throws IOException {
    records.put(record.id(), record);
    operation.container().replace(record);
  }

  /**
   * As {@link #put}, for what has happened whether or not it can be written: a full disk must not
   * make an ended container look alive.
   */
  public void putFact(Container.Operation operation, ContainerRecord record) {
    try {
      records.put(record.id(), record);
    } catch (IOException e) {
      log.atError()
          .setCause(e)
          .addKeyValue("container", record.id())
          .log("record not written; the change will be found out again after a restart");
    }
    operation.container().replace(record);
  }

  /** Forgets a container. */
  public void remove(Container.Operation operation) throws IOException {
    Container container = operation.container();
    records.remove(container.id());
    container.markRemoved();
    containers.remove(container.id());
  }
}
