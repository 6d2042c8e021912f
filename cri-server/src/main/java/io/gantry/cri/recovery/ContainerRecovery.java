package io.gantry.cri.recovery;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.ExitWatch;
import io.gantry.cri.container.Removal;
import io.gantry.cri.container.State;
import io.gantry.cri.container.TaskRelease;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.shims.Shims;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what became of every container while no daemon was there. Nothing about one container
 * stops the others, or the daemon's start.
 */
public final class ContainerRecovery {
  private static final Logger log = LoggerFactory.getLogger(ContainerRecovery.class);

  private final Containers containers;
  private final Shims shims;
  private final ExitWatch exits;
  private final TaskRelease release;
  private final Removal removal;
  private final Orphans orphans;
  private final Predicate<String> podExists;

  /**
   * @param podExists whether a pod of this id is there; pods are recovered before
   */
  public ContainerRecovery(
      Containers containers,
      Shims shims,
      ExitWatch exits,
      TaskRelease release,
      Removal removal,
      Orphans orphans,
      Predicate<String> podExists) {
    this.containers = containers;
    this.shims = shims;
    this.exits = exits;
    this.release = release;
    this.removal = removal;
    this.orphans = orphans;
    this.podExists = podExists;
  }

  /**
   * Recovers all containers; call once, before the first request.
   *
   * @throws IOException if the records cannot be read at all
   */
  public void run() throws IOException, InterruptedException {
    Collection<Container> all = containers.load();
    FoundShims found = FoundShims.of(shims, all);
    for (Container container : all) {
      recover(container, found);
    }
    orphans.remove(containers);
  }

  private void recover(Container container, FoundShims found) throws InterruptedException {
    try {
      boolean keep = settle(container, found);
      if (!keep || !podExists.test(container.record().podId())) {
        removal.remove(container);
      }
    } catch (IOException | RuntimeException e) {
      log.atError()
          .setCause(e)
          .addKeyValue("container", container.id())
          .log("container not recovered; its removal tries again");
      giveUp(container, e);
    }
  }

  private void giveUp(Container container, Exception why) throws InterruptedException {
    try (Container.Operation operation = container.begin()) {
      if (!(operation.state() instanceof State.Exited) && !container.isRemoved()) {
        containers.putFact(
            operation,
            operation.record().with(new State.Unknown("not recovered: " + why.getMessage())));
      }
    }
  }

  /**
   * Brings record and kernel together.
   *
   * @return false if the container was only half made
   */
  private boolean settle(Container container, FoundShims found)
      throws IOException, InterruptedException {
    try (Container.Operation operation = container.begin()) {
      Optional<ShimConnection> shim = found.of(container);
      container.connect(shim);
      State state = operation.state();
      if (state instanceof State.Making) {
        return false;
      }
      if (state instanceof State.Exited) {
        finishRelease(operation);
      } else if (shim.isPresent()) {
        takeOver(operation, shim.get());
      } else {
        exits.lost(operation, "it ended while no daemon was there");
      }
      return true;
    }
  }

  /** The address stays in the record until all is freed. */
  private void finishRelease(Container.Operation operation) throws IOException {
    if (operation.record().shimAddress().isPresent()) {
      release.release(operation.container());
      containers.putFact(operation, operation.record().withoutShim());
    }
  }

  private void takeOver(Container.Operation operation, ShimConnection shim) throws IOException {
    Container container = operation.container();
    StateResponse task;
    try {
      task = shim.state(container.id());
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.NOT_FOUND && e.code() != TtrpcCode.UNAVAILABLE) {
        throw e;
      }
      exits.lost(operation, e.getMessage());
      return;
    }
    switch (task.getStatus()) {
      case RUNNING, PAUSED, PAUSING, STOPPED -> {
        // A stopped one, too: the watch learns its end from the shim at once.
        ContainerRecord record = operation.record();
        containers.putFact(
            operation, record.with(new State.Running(task.getPid(), startedAt(record))));
        container.paused(task.getStatus() == Status.PAUSED);
        exits.watch(container, shim);
      }
      case CREATED -> {
        if (operation.state() instanceof State.Unknown) {
          containers.putFact(operation, operation.record().with(new State.Created()));
        }
      }
      default -> throw new IOException("the shim says that its state is " + task.getStatus());
    }
  }

  /**
   * If the daemon died between the start and its record, the creation is the last time that is
   * known.
   */
  private static Instant startedAt(ContainerRecord record) {
    return record.state() instanceof State.Running running
        ? running.startedAt()
        : record.createdAt();
  }
}
