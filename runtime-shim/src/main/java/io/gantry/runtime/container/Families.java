package io.gantry.runtime.container;

import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Subgroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives each later process of a container a cgroup of its own below the container's.
 *
 * <p>A process that its command left behind stays in that cgroup, which is removed when a later
 * command finds it empty, or with the container. Moving the process up instead would race with its
 * forks, and on v2 be refused where the container has cgroups with controllers below its own.
 */
final class Families {
  private static final String PREFIX = "gantry-exec-";

  private final String id;
  private final Cgroup cgroup;
  private final ContainerEngine.Notices notices;
  private final List<Subgroup> left = new ArrayList<>(0); // Guarded by this.
  private int made; // Guarded by this.

  Families(String id, Cgroup cgroup, ContainerEngine.Notices notices) {
    this.id = id;
    this.cgroup = cgroup;
    this.notices = notices;
  }

  /** Empty where there can be none, which the notices tell. */
  Optional<Subgroup> make() {
    try {
      while (true) {
        // A container that may write to its cgroup can have taken the name.
        Optional<Subgroup> made = cgroup.subgroup(PREFIX + nextNumber());
        if (made.isPresent()) {
          return made;
        }
      }
    } catch (IOException e) {
      notices.notice(
          "commands in container "
              + id
              + " have no cgroup of their own, so that what leaves their process group can outlive"
              + " them: "
              + e.getMessage());
      return Optional.empty();
    }
  }

  private synchronized int nextNumber() {
    made++;
    return made;
  }

  /** Removes a cgroup in which nothing was started. */
  void discard(Subgroup subgroup) {
    try {
      subgroup.remove();
    } catch (IOException e) {
      keep(subgroup);
    }
  }

  Family of(Subgroup subgroup) {
    return new CgroupFamily(subgroup);
  }

  private synchronized void keep(Subgroup subgroup) {
    left.add(subgroup);
  }

  /** Removes those left behind that are empty by now. */
  private void sweep() {
    List<Subgroup> candidates;
    synchronized (this) {
      if (left.isEmpty()) {
        return;
      }
      candidates = new ArrayList<>(left);
      left.clear();
    }
    for (Subgroup subgroup : candidates) {
      try {
        if (!subgroup.removeIfEmpty()) {
          keep(subgroup);
        }
      } catch (IOException e) {
        keep(subgroup);
      }
    }
  }

  private final class CgroupFamily implements Family {
    private final Subgroup subgroup;

    CgroupFamily(Subgroup subgroup) {
      this.subgroup = subgroup;
    }

    @Override
    public void kill() throws ContainerException {
      try {
        subgroup.killAll();
        subgroup.remove();
      } catch (IOException e) {
        keep(subgroup);
        throw Failure.of("end a command in container " + id, e);
      }
    }

    @Override
    public boolean isGone() throws ContainerException {
      sweep();
      try {
        return subgroup.removeIfEmpty();
      } catch (IOException e) {
        throw Failure.of("remove the cgroup of a command in container " + id, e);
      }
    }

    @Override
    public void leave() {
      keep(subgroup);
    }
  }
}
