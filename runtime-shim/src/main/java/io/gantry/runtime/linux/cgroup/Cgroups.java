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

  /** A cgroup that may or may not exist. */
  Cgroup at(String path);
}
