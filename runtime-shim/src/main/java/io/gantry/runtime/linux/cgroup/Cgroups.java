package io.gantry.runtime.linux.cgroup;

import java.io.IOException;

/** The machine's cgroup tree. Paths start at its root, such as {@code /gantry/web}. Thread-safe. */
public interface Cgroups {

  /** Which kernel interface holds the controllers. */
  enum Version {
    V1,
    V2
  }

  Version version();

  /**
   * Makes a cgroup and the missing ones above it.
   *
   * @throws IOException also if there is one of that name already with processes in it; nothing new
   *     stays behind then
   */
  Cgroup create(String path) throws IOException;

  /**
   * Makes a place below a cgroup for its keeper: a process that does nothing but keep the cgroup
   * from being empty, on which someone may insist who would remove it otherwise. It counts as none
   * of the cgroup's processes, and dies with them.
   *
   * @param path of a cgroup that exists
   */
  Cgroup createKeeper(String path) throws IOException;

  /** A cgroup that may or may not exist. */
  Cgroup at(String path);
}
