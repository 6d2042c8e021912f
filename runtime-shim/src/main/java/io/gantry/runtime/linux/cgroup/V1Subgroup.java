package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory of the freezer's hierarchy alone. One in each hierarchy would cost a dozen
 * directories for every command, leave a dying memory cgroup behind each, and hide the container's
 * limits from programs that look them up by their own path.
 */
final class V1Subgroup implements Subgroup {
  private final List<V1Hierarchy> hierarchies;
  private final V1Hierarchy freezer;
  private final V1Cgroup upper;
  private final V1Cgroup own;

  V1Subgroup(
      Linux linux,
      V1Cgroup upper,
      List<V1Hierarchy> hierarchies,
      V1Hierarchy freezer,
      String name) {
    this.hierarchies = hierarchies;
    this.freezer = freezer;
    this.upper = upper;
    this.own = new V1Cgroup(linux, List.of(freezer), Optional.empty(), upper.path() + "/" + name);
  }

  private ControlDirectory directory() {
    return freezer.root().below(own.path());
  }

  /** False if there is one of that name. */
  boolean make() throws LinuxException {
    return directory().make();
  }

  @Override
  public String path() {
    return own.path();
  }

  @Override
  public List<Fd> openTasks() throws IOException {
    List<Fd> all = new ArrayList<>(hierarchies.size());
    try {
      for (V1Hierarchy hierarchy : hierarchies) {
        String path = hierarchy == freezer ? own.path() : upper.path();
        all.add(hierarchy.root().below(path).open("tasks", FileFlags.O_WRONLY));
      }
      upper.addUnit(all);
    } catch (LinuxException e) {
      for (Fd fd : all) {
        fd.close();
      }
      throw e;
    }
    return all;
  }

  @Override
  public Optional<Fd> openDirectory() {
    return Optional.empty();
  }

  @Override
  public void killAll() throws IOException {
    own.killAll();
  }

  @Override
  public boolean removeIfEmpty() throws IOException {
    return Removal.tryRemove(directory());
  }

  @Override
  public void remove() throws IOException {
    own.remove();
  }
}
