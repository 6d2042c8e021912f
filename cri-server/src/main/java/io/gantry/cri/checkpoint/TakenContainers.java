package io.gantry.cri.checkpoint;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.State;
import io.gantry.cri.grpc.CriException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Running containers that no other operation can touch until this is closed, by the thread that has
 * taken them.
 */
final class TakenContainers implements AutoCloseable {
  private final List<Container> containers;
  private final Deque<Container.Operation> operations = new ArrayDeque<>();

  private TakenContainers(List<Container> containers) {
    this.containers = containers;
  }

  /**
   * Takes them all, in an order that is the same for everybody.
   *
   * @throws CriException WRONG_STATE if one has ended, TIMED_OUT if one stays busy
   */
  static TakenContainers of(List<Container> wanted) throws InterruptedException {
    TakenContainers taken =
        new TakenContainers(wanted.stream().sorted(Comparator.comparing(Container::id)).toList());
    try {
      for (Container container : taken.containers) {
        taken.operations.push(container.begin());
        if (!(container.state() instanceof State.Running) || container.shim().isEmpty()) {
          throw CriException.wrongState(
              "checkpoint container " + container.id() + ": it has ended meanwhile");
        }
      }
      return taken;
    } catch (InterruptedException | RuntimeException e) {
      taken.close();
      throw e;
    }
  }

  List<Container> containers() {
    return containers;
  }

  @Override
  public void close() {
    operations.forEach(Container.Operation::close);
  }
}
