package io.gantry.runtime.container;

/**
 * A later process of a container with everything it has started, whichever session or process group
 * that has gone to. Thread-safe; every method can be repeated.
 */
public interface Family {
  /**
   * Kills all of it and waits until it is gone, seconds at most.
   *
   * @throws ContainerException if some of it stays; the container's end takes it along
   */
  void kill() throws ContainerException;

  /**
   * To be asked when the process itself was reaped: true if nothing of its family is left, and what
   * the family needed is freed.
   */
  boolean isGone() throws ContainerException;

  /**
   * Leaves what still runs to the container, as a daemon that a command has started on purpose.
   * What the family needed is freed some time after its last process has ended.
   */
  void leave();
}
