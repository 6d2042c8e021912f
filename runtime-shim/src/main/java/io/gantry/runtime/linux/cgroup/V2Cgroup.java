package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A directory of the unified tree. */
final class V2Cgroup implements Cgroup {
  // Since kernel 4.15: what a delegate must be able to write.
  private static final String DELEGATED_FILES = "/sys/kernel/cgroup/delegate";

  private static final Duration FREEZE_LIMIT = Duration.ofSeconds(5);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final Linux linux;
  private final ControlDirectory root;
  private final ControlDirectory directory;
  private final String path;

  V2Cgroup(Linux linux, ControlDirectory root, ControlDirectory directory, String path) {
    this.linux = linux;
    this.root = root;
    this.directory = directory;
    this.path = path;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public boolean exists() {
    try {
      return directory.exists();
    } catch (LinuxException e) {
      return false;
    }
  }

  @Override
  public void apply(OciResources resources) throws IOException {
    try {
      V2Limits.apply(directory, resources);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT && directory.exists()) {
        throw new IllegalArgumentException(
            e.operation()
                + ": the controller is not available there (it has \""
                + directory.readIfPresent("cgroup.controllers")
                + "\")",
            e);
      }
      throw e;
    }
    if (!resources.devices().isEmpty()) {
      try (Fd cgroup = directory.openSelf()) {
        linux.programs().setDeviceProgram(cgroup, DeviceProgram.of(resources.devices()));
      }
    }
    V2Limits.applyUnified(directory, resources.unified());
  }

  @Override
  public List<Fd> openTasks() {
    return List.of();
  }

  @Override
  public Optional<Fd> openDirectory() throws IOException {
    return Optional.of(directory.openSelf());
  }

  @Override
  public Optional<Subgroup> subgroup(String name) throws IOException {
    ControlDirectory child = directory.child(name);
    if (!child.make()) {
      return Optional.empty();
    }
    // Beside a threaded cgroup it would be "domain invalid", which no process can enter; and what
    // is threaded cannot be killed as one (kernel, cgroup-v2 document: cgroup.type, cgroup.kill).
    String type = child.readIfPresent("cgroup.type");
    if (!type.isEmpty() && !type.equals("domain")) {
      child.remove();
      throw new IOException("make " + child + ": it would be \"" + type + "\", not a domain");
    }
    return Optional.of(new V2Subgroup(new V2Cgroup(linux, root, child, path + "/" + name), child));
  }

  @Override
  public void delegateTo(int uid) throws IOException {
    String names = linux.files().readText(DELEGATED_FILES);
    try (Fd self = directory.openSelf()) {
      linux.files().fchownat(self, "", uid, -1, FileFlags.AT_EMPTY_PATH);
      for (String name : names.split("\n")) {
        try {
          linux.files().fchownat(self, name, uid, -1, FileFlags.AT_SYMLINK_NOFOLLOW);
        } catch (LinuxException e) {
          // The list is of all that this kernel has; a controller that is off lacks its files.
          if (e.errno() != Errno.ENOENT) {
            throw e;
          }
        }
      }
    }
  }

  @Override
  public void join(int pid) throws IOException {
    directory.write("cgroup.procs", pid);
  }

  @Override
  public List<Integer> pids() throws IOException {
    return pids(directory.child(CgroupPath.KEEPER).path());
  }

  private List<Integer> pids(String without) throws LinuxException {
    List<Integer> pids = new ArrayList<>();
    for (ControlDirectory each : directory.tree()) {
      if (!each.path().equals(without)) {
        each.addPids(pids);
      }
    }
    return pids;
  }

  @Override
  public void freeze() throws IOException {
    if (!tryFreeze()) {
      thaw();
      throw new IOException(
          "freeze "
              + directory
              + ": processes did not stop within "
              + FREEZE_LIMIT.toSeconds()
              + " s");
    }
  }

  private boolean tryFreeze() throws LinuxException {
    directory.write("cgroup.freeze", "1");
    Patience patience = new Patience(FREEZE_LIMIT);
    while (ControlText.field(directory.read("cgroup.events"), "frozen") != 1) {
      if (!patience.pause()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void thaw() throws IOException {
    directory.write("cgroup.freeze", "0");
  }

  @Override
  public void killAll() throws IOException {
    if (!directory.exists()) {
      return;
    }
    if (directory.has("cgroup.kill")) {
      directory.write("cgroup.kill", "1");
      return;
    }
    // Before kernel 5.14. A frozen v2 cgroup's processes do die when killed.
    try {
      tryFreeze();
      Killing.kill(linux.processes(), pids(""));
    } finally {
      thaw();
    }
    Patience patience = new Patience(KILL_LIMIT);
    while (!pids("").isEmpty() && patience.pause()) {
      Killing.kill(linux.processes(), pids(""));
    }
  }

  @Override
  public CgroupStats stats() throws IOException {
    return V2Stats.read(directory);
  }

  @Override
  public HeldLimits limits() throws IOException {
    return V2HeldLimits.read(directory);
  }

  @Override
  public long oomKills() throws IOException {
    return ControlText.field(directory.readIfPresent("memory.events"), "oom_kill");
  }

  @Override
  public List<MemoryLevel> memoryLevels() throws IOException {
    List<MemoryLevel> levels = new ArrayList<>();
    for (String step : CgroupPath.ancestry(path)) {
      ControlDirectory level = root.below(step);
      if (level.exists()) {
        // The plain file counts what happens below, too. The local one: since kernel 5.2.
        String events = level.readIfPresent("memory.events.local");
        levels.add(
            0,
            new MemoryLevel(
                step,
                level.number("memory.max"),
                level.number("memory.peak"),
                ControlText.field(events, "max")));
      }
    }
    return levels;
  }

  @Override
  public List<View> views() {
    return List.of(new View("", directory.path()));
  }

  @Override
  public void remove() throws IOException {
    if (directory.path().equals(root.path())) {
      throw new IOException("remove cgroup " + path + ": it is the root");
    }
    Removal.remove(directory);
  }
}
