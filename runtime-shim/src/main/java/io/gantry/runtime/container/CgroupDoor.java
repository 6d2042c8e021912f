package io.gantry.runtime.container;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Subgroup;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The open descriptors by which a child gets into a cgroup. */
final class CgroupDoor implements AutoCloseable {
  private final String path;
  private final List<Fd> tasks;
  private final Optional<Fd> directory;

  CgroupDoor(Cgroup cgroup) throws IOException {
    this(cgroup.path(), cgroup.openTasks(), cgroup.openDirectory());
  }

  CgroupDoor(Subgroup subgroup) throws IOException {
    this(subgroup.path(), subgroup.openTasks(), subgroup.openDirectory());
  }

  private CgroupDoor(String path, List<Fd> tasks, Optional<Fd> directory) {
    this.path = path;
    this.tasks = tasks;
    this.directory = directory;
  }

  /** A door to nowhere: the child stays in the launcher's cgroups. */
  static CgroupDoor none() {
    return new CgroupDoor("", List.of(), Optional.empty());
  }

  /** Whether it leads into the one tree of cgroup v2. */
  boolean isUnified() {
    return directory.isPresent();
  }

  void addSteps(LaunchPlanBuilder plan) {
    for (Fd file : tasks) {
      plan.joinCgroup(path, file.number());
    }
  }

  CloneOptions options(CloneOptions options) {
    return directory.isPresent() ? options.intoCgroup(directory.get()) : options;
  }

  @Override
  public void close() {
    for (Fd file : tasks) {
      file.close();
    }
    if (directory.isPresent()) {
      directory.get().close();
    }
  }
}
