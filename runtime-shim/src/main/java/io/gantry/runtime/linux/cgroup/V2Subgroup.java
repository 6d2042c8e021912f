package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Fd;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A directory of the unified tree for which no controller is enabled on purpose. */
final class V2Subgroup implements Subgroup {
  private final V2Cgroup own;
  private final ControlDirectory directory;

  V2Subgroup(V2Cgroup own, ControlDirectory directory) {
    this.own = own;
    this.directory = directory;
  }

  @Override
  public String path() {
    return own.path();
  }

  @Override
  public List<Fd> openTasks() {
    return List.of();
  }

  @Override
  public Optional<Fd> openDirectory() throws IOException {
    return own.openDirectory();
  }

  @Override
  public void killAll() throws IOException {
    own.killAll();
  }

  @Override
  public boolean removeIfEmpty() throws IOException {
    return Removal.tryRemove(directory);
  }

  @Override
  public void remove() throws IOException {
    own.remove();
  }
}
