package io.gantry.cri.spec;

import io.gantry.cri.selinux.SeLinuxDefaults;
import io.gantry.runtime.linux.Capability;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.linux.SecurityModules;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The machine that the daemon runs on. What cannot change while it runs is asked once. Thread-safe.
 */
public final class LinuxHost implements HostFacts {
  private static final int PR_CAPBSET_READ = 23;

  /** Below /dev, but no devices of the host: each container has its own. */
  private static final Set<Path> NOT_DEVICES =
      Set.of(
          Path.of("/dev/pts"),
          Path.of("/dev/shm"),
          Path.of("/dev/fd"),
          Path.of("/dev/mqueue"),
          Path.of("/dev/console"));

  private final Linux linux;
  private final boolean unifiedCgroups;
  private final Set<String> capabilities;
  private final SecurityModules modules;
  private final boolean recursiveReadOnly;
  private final Optional<SeLinuxDefaults> seLinux;

  /**
   * @param unifiedCgroups whether all controllers are on cgroup v2
   * @param seLinux the policy's labels, if containers are to be labelled
   */
  public LinuxHost(Linux linux, boolean unifiedCgroups, Optional<SeLinuxDefaults> seLinux)
      throws IOException {
    this.seLinux = seLinux;
    this.linux = linux;
    this.unifiedCgroups = unifiedCgroups;
    this.capabilities = boundingSet(linux);
    this.modules = SecurityModules.of(linux.files());
    this.recursiveReadOnly = linux.host().kernel().isAtLeast(5, 12);
  }

  private static Set<String> boundingSet(Linux linux) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (int number = 0; number <= linux.host().lastCapability(); number++) {
      if (linux.processes().prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1) {
        names.add(Capability.name(number));
      }
    }
    return Set.copyOf(names);
  }

  @Override
  public Set<String> capabilities() {
    return capabilities;
  }

  @Override
  public boolean unifiedCgroups() {
    return unifiedCgroups;
  }

  @Override
  public boolean appArmor() {
    return modules.appArmor();
  }

  @Override
  public Optional<SeLinuxDefaults> seLinux() {
    return seLinux;
  }

  @Override
  public boolean recursiveReadOnly() {
    return recursiveReadOnly;
  }

  @Override
  public Optional<Path> resolve(Path path) throws IOException {
    try {
      return Optional.of(path.toRealPath());
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    }
  }

  @Override
  public Propagation propagation(Path path) throws IOException {
    Path longest = null;
    MountInfo holder = null;
    for (MountInfo mount : linux.mounts().mountInfo()) {
      Path target = Path.of(mount.target());
      // A later mount at the same place lies on top.
      if (path.startsWith(target)
          && (longest == null || target.getNameCount() >= longest.getNameCount())) {
        longest = target;
        holder = mount;
      }
    }
    if (holder == null) {
      throw new IOException("no mount holds " + path);
    }
    if (holder.isShared()) {
      return Propagation.SHARED;
    }
    return holder.isSlave() ? Propagation.SLAVE : Propagation.PRIVATE;
  }

  @Override
  public List<HostDevice> devices(Path path) throws IOException {
    List<HostDevice> devices = new ArrayList<>();
    collect(path, devices);
    return devices;
  }

  private void collect(Path path, List<HostDevice> devices) throws IOException {
    FileStatus status;
    try {
      status = linux.files().stat(Fd.CWD, path.toString(), FileFlags.AT_SYMLINK_NOFOLLOW);
    } catch (LinuxException unplugged) {
      return;
    }
    int kind = status.mode() & FileFlags.S_IFMT;
    if (kind == FileFlags.S_IFCHR || kind == FileFlags.S_IFBLK) {
      devices.add(
          new HostDevice(
              path,
              kind == FileFlags.S_IFCHR ? 'c' : 'b',
              status.special().major(),
              status.special().minor(),
              status.permissions(),
              status.uid(),
              status.gid()));
    } else if (kind == FileFlags.S_IFDIR) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          if (!NOT_DEVICES.contains(entry)) {
            collect(entry, devices);
          }
        }
      }
    }
  }
}
