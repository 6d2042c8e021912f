package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciBlockIo;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The directories of one path in every v1 hierarchy. */
final class V1Cgroup implements Cgroup {
  /** Passes over the list of processes; each finds only what was forked during the one before. */
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final Linux linux;
  private final List<V1Hierarchy> hierarchies;
  private final Optional<ControlDirectory> unified;
  private final String path;

  /**
   * @param unified the directory of the same path in the v2 tree of a hybrid: systemd makes it for
   *     its units, and nobody for others
   */
  V1Cgroup(
      Linux linux, List<V1Hierarchy> hierarchies, Optional<ControlDirectory> unified, String path) {
    this.linux = linux;
    this.hierarchies = hierarchies;
    this.unified = unified;
    this.path = path;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public boolean exists() {
    try {
      for (V1Hierarchy hierarchy : hierarchies) {
        if (hierarchy.root().below(path).exists()) {
          return true;
        }
      }
      return false;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** The directory in the hierarchy of a controller; empty if that is not mounted. */
  Optional<ControlDirectory> of(String controller) {
    for (V1Hierarchy hierarchy : hierarchies) {
      if (hierarchy.controllers().contains(controller)) {
        return Optional.of(hierarchy.root().below(path));
      }
    }
    return Optional.empty();
  }

  private ControlDirectory required(String controller, String limit) {
    Optional<ControlDirectory> directory = of(controller);
    if (directory.isEmpty()) {
      throw new IllegalArgumentException(
          "set " + limit + ": no cgroup hierarchy has the controller " + controller);
    }
    return directory.get();
  }

  @Override
  public void apply(OciResources resources) throws IOException {
    if (!resources.unified().isEmpty()) {
      throw new IllegalArgumentException(
          "set "
              + resources.unified().keySet().iterator().next()
              + ": unified resources need cgroup v2, this machine has v1");
    }
    if (!resources.devices().isEmpty()) {
      V1Devices.apply(required("devices", "device rules"), resources.devices());
    }
    if (V1Memory.concerns(resources.memory())) {
      V1Memory.apply(required("memory", "memory limit"), resources.memory());
    }
    if (V1Cpu.concerns(resources.cpu())) {
      V1Cpu.apply(required("cpu", "cpu limit"), resources.cpu());
    }
    if (resources.cpu().cpus().isPresent() || resources.cpu().mems().isPresent()) {
      V1Cpuset.apply(required("cpuset", "cpus"), resources.cpu());
    }
    if (resources.pidsLimit().isPresent()) {
      PidsLimit.apply(required("pids", "pids limit"), resources.pidsLimit().getAsLong());
    }
    if (resources.blockIo() != OciBlockIo.NONE) {
      V1BlockIo.apply(required("blkio", "block I/O limit"), resources.blockIo());
    }
    Optional<ControlDirectory> hugetlb = of("hugetlb");
    if (hugetlb.isPresent()) {
      Hugetlb.applyV1(hugetlb.get(), resources.hugepageLimits());
    }
  }

  @Override
  public List<Fd> openTasks() throws IOException {
    List<Fd> all = new ArrayList<>();
    try {
      for (V1Hierarchy hierarchy : hierarchies) {
        all.add(hierarchy.root().below(path).open("tasks", FileFlags.O_WRONLY));
      }
      addUnit(all);
    } catch (LinuxException e) {
      for (Fd fd : all) {
        fd.close();
      }
      throw e;
    }
    return all;
  }

  /** Adds what lets systemd find the process. */
  void addUnit(List<Fd> tasks) throws LinuxException {
    if (isUnit()) {
      tasks.add(unified.get().open("cgroup.procs", FileFlags.O_WRONLY));
    }
  }

  /** Whether systemd knows this cgroup, and so wants to know which processes are in it. */
  private boolean isUnit() throws LinuxException {
    return unified.isPresent() && unified.get().exists();
  }

  @Override
  public Optional<Fd> openDirectory() {
    return Optional.empty();
  }

  @Override
  public Optional<Subgroup> subgroup(String name) throws IOException {
    for (V1Hierarchy hierarchy : hierarchies) {
      if (hierarchy.controllers().contains("freezer")) {
        V1Subgroup subgroup = new V1Subgroup(linux, this, hierarchies, hierarchy, name);
        return subgroup.make() ? Optional.of(subgroup) : Optional.empty();
      }
    }
    throw new IOException("make " + name + " in " + path + ": no hierarchy has the freezer");
  }

  @Override
  public void delegateTo(int uid) {
    // Its owner could raise the limits as well.
  }

  @Override
  public void join(int pid) throws IOException {
    for (V1Hierarchy hierarchy : hierarchies) {
      hierarchy.root().below(path).write("cgroup.procs", pid);
    }
    if (isUnit()) {
      unified.get().write("cgroup.procs", pid);
    }
  }

  @Override
  public List<Integer> pids() throws IOException {
    return pids(processTree().child(CgroupPath.KEEPER).path());
  }

  private List<Integer> pids(String without) throws LinuxException {
    List<Integer> pids = new ArrayList<>();
    for (ControlDirectory directory : processTree().tree()) {
      if (!directory.path().equals(without)) {
        directory.addPids(pids);
      }
    }
    return pids;
  }

  /** Containers cannot leave the device hierarchy's cgroup as easily as one they may write to. */
  private ControlDirectory processTree() {
    for (String controller : List.of("devices", "freezer", "pids", "memory")) {
      Optional<ControlDirectory> directory = of(controller);
      if (directory.isPresent()) {
        return directory.get();
      }
    }
    return hierarchies.get(0).root().below(path);
  }

  @Override
  public void freeze() throws IOException {
    V1Freezer.freeze(required("freezer", "frozen"));
  }

  @Override
  public void thaw() throws IOException {
    V1Freezer.thaw(required("freezer", "thawed"));
  }

  @Override
  public void killAll() throws IOException {
    Optional<ControlDirectory> freezer = of("freezer");
    boolean frozen = freezer.isPresent() && freezer.get().exists();
    List<Integer> pids = pids("");
    if (pids.isEmpty()) {
      return;
    }
    try {
      if (frozen) {
        // Nothing forks while it is killed. Where that takes too long the passes below do it too.
        V1Freezer.tryFreeze(freezer.get());
        pids = pids("");
      }
      Killing.kill(linux.processes(), pids);
    } finally {
      if (frozen) {
        V1Freezer.thaw(freezer.get());
      }
    }
    Patience patience = new Patience(KILL_LIMIT);
    while (!pids("").isEmpty() && patience.pause()) {
      Killing.kill(linux.processes(), pids(""));
    }
  }

  @Override
  public CgroupStats stats() throws IOException {
    return V1Stats.read(this);
  }

  @Override
  public HeldLimits limits() throws IOException {
    return V1HeldLimits.read(this);
  }

  @Override
  public long oomKills() throws IOException {
    Optional<ControlDirectory> memory = of("memory");
    return memory.isPresent() ? V1Memory.oomKills(memory.get()) : 0;
  }

  @Override
  public List<MemoryLevel> memoryLevels() throws IOException {
    List<MemoryLevel> levels = new ArrayList<>();
    for (V1Hierarchy hierarchy : hierarchies) {
      if (hierarchy.controllers().contains("memory")) {
        for (String step : CgroupPath.ancestry(path)) {
          ControlDirectory directory = hierarchy.root().below(step);
          if (directory.exists()) {
            levels.add(
                0,
                new MemoryLevel(
                    step,
                    V1Stats.limit(directory, "memory.limit_in_bytes"),
                    directory.number("memory.max_usage_in_bytes"),
                    directory.number("memory.failcnt").orElse(0)));
          }
        }
      }
    }
    return levels;
  }

  @Override
  public List<View> views() {
    List<View> views = new ArrayList<>();
    for (V1Hierarchy hierarchy : hierarchies) {
      views.add(new View(hierarchy.name(), hierarchy.root().below(path).path()));
    }
    return views;
  }

  @Override
  public void remove() throws IOException {
    IOException failure = null;
    for (V1Hierarchy hierarchy : hierarchies) {
      try {
        Removal.remove(hierarchy.root().below(path));
      } catch (LinuxException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (unified.isPresent()) {
      Removal.remove(unified.get());
    }
  }
}
