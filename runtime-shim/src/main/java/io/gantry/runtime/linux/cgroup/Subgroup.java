package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Fd;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A cgroup below another one, for processes that may have to be ended together. It limits nothing,
 * and what reads limits by its own cgroup still finds the upper one's: on v1 it exists in the
 * freezer's hierarchy only, on v2 without controllers (unless the upper cgroup has handed them
 * down). Thread-safe.
 */
public interface Subgroup {
  String path();

  /** As {@link Cgroup#openTasks}: those of the upper cgroup but for the freezer's. */
  List<Fd> openTasks() throws IOException;

  /** As {@link Cgroup#openDirectory}. */
  Optional<Fd> openDirectory() throws IOException;

  /** Kills every process here and below. On v1, frozen ones die once the upper cgroup is thawed. */
  void killAll() throws IOException;

  /** Removes it if no process is here or below; says whether it is gone. Does not wait. */
  boolean removeIfEmpty() throws IOException;

  /** Removes it, waiting for dying processes; none there is no error. */
  void remove() throws IOException;
}
