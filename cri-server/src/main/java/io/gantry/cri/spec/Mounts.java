package io.gantry.cri.spec;

import io.gantry.cri.pod.PodPaths;
import io.gantry.runtime.oci.OciMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All mounts of a container in the order they are made. */
final class Mounts {
  private final SpecRequest request;
  private final Set<String> taken = new HashSet<>();

  private Mounts(SpecRequest request, RequestedMounts requested) {
    this.request = request;
    requested.mounts().forEach(mount -> taken.add(mount.destination()));
  }

  /**
   * Kernel filesystems first, then the pod's files and the requested mounts, parents before what
   * lies below them. A requested mount takes the place of a default one at the same path, and of
   * all below a requested /dev.
   */
  static List<OciMount> of(SpecRequest request, RequestedMounts requested) {
    Mounts mounts = new Mounts(request, requested);
    List<OciMount> all = new ArrayList<>(mounts.kernelFileSystems());
    List<OciMount> binds = new ArrayList<>(mounts.podFiles());
    binds.addAll(requested.mounts());
    binds.sort(Comparator.comparingInt(mount -> Path.of(mount.destination()).getNameCount()));
    all.addAll(binds);
    return List.copyOf(all);
  }

  private List<OciMount> kernelFileSystems() {
    String sysAccess = request.privileged() ? "rw" : "ro";
    List<OciMount> mounts = new ArrayList<>();
    add(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    add(mounts, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
    add(
        mounts,
        "/dev/pts",
        "devpts",
        "devpts",
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620",
        "gid=5");
    add(mounts, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
    add(mounts, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", sysAccess);
    add(
        mounts,
        "/sys/fs/cgroup",
        "cgroup",
        "cgroup",
        "nosuid",
        "noexec",
        "nodev",
        "relatime",
        sysAccess);
    return mounts;
  }

  private void add(
      List<OciMount> mounts, String destination, String type, String source, String... options) {
    if (free(destination)) {
      mounts.add(OciMount.of(destination, type, source, List.of(options)));
    }
  }

  private List<OciMount> podFiles() {
    PodPaths pod = request.pod().paths();
    String access = request.security().getReadonlyRootfs() ? "ro" : "rw";
    List<OciMount> mounts = new ArrayList<>();
    bind(mounts, "/etc/hostname", pod.hostname(), access);
    bind(mounts, "/etc/hosts", pod.hosts(), access);
    bind(mounts, "/etc/resolv.conf", pod.resolvConf(), access);
    // Programs expect shared memory to be writable even on a read-only root.
    bind(mounts, "/dev/shm", pod.shm(), "rw");
    return mounts;
  }

  private void bind(List<OciMount> mounts, String destination, Path source, String access) {
    if (free(destination)) {
      List<String> options = List.of("rbind", "rprivate", access);
      mounts.add(OciMount.of(destination, "bind", source.toString(), options));
    }
  }

  private boolean free(String destination) {
    return !taken.contains(destination)
        && !(destination.startsWith("/dev/") && taken.contains("/dev"));
  }

  /**
   * The root's own propagation: a mount cannot pass anything on if the root it lies below does not.
   */
  static Optional<String> rootPropagation(List<OciMount> mounts) {
    boolean slave = false;
    for (OciMount mount : mounts) {
      if (mount.options().contains("rshared")) {
        return Optional.of("rshared");
      }
      slave |= mount.options().contains("rslave");
    }
    return slave ? Optional.of("rslave") : Optional.empty();
  }
}
