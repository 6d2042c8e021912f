package io.gantry.runtime.container;

import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciSpec;
import java.util.List;

/**
 * A container that was created. Its processes are children of this process, unless it says
 * otherwise; reaping them is the caller's part. Thread-safe.
 */
public interface Container {
  String id();

  OciSpec spec();

  /**
   * Whether a process with a terminal is to be given {@link ProcessStdio.Terminal}; else it is
   * given pipes, and its terminal is somebody else's.
   */
  default boolean givesConsole() {
    return true;
  }

  /**
   * Runs the configured process. Possible once.
   *
   * @throws ContainerException if a step fails; the container can then only be deleted
   */
  StartedProcess start(ProcessStdio stdio) throws ContainerException;

  /** Runs another process in the running container. */
  StartedProcess exec(OciProcess process, ProcessStdio stdio) throws ContainerException;

  /**
   * Sends a signal to the first process, or to all processes of the container.
   *
   * @throws ContainerException of kind GONE if the first process has ended and {@code all} is false
   */
  void kill(int signal, boolean all) throws ContainerException;

  /** Ids of all processes in the container's cgroup and those below it, in this PID namespace. */
  List<Integer> pids() throws ContainerException;

  /** Stops all processes until {@link #resume()}. Does nothing if they are stopped. */
  void pause() throws ContainerException;

  void resume() throws ContainerException;

  /**
   * Saves the processes of the container, which may be paused, and is afterwards as before. A
   * second one at the same time is refused.
   *
   * @throws ContainerException UNFIT if CRIU cannot be run, or the container is of a kind that
   *     cannot be saved; the container runs on after any failure
   */
  void checkpoint(CheckpointRequest request) throws ContainerException;

  /** Changes limits; what is absent from {@code resources} stays. */
  void update(OciResources resources) throws ContainerException;

  CgroupStats stats() throws ContainerException;

  /** How often the kernel killed a process here for lack of memory, until {@link #delete()}. */
  long oomKills() throws ContainerException;

  /**
   * Kills what still runs and removes the cgroup and mounts. Can be repeated; what is gone already
   * is no error.
   */
  void delete() throws ContainerException;
}
