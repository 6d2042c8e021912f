package io.gantry.cri.spec;

import io.gantry.cri.selinux.SeLinuxDefaults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a specification depends on that only the machine knows. Thread-safe. */
public interface HostFacts {

  /** The capabilities that this process may pass on, such as CAP_NET_RAW. */
  Set<String> capabilities();

  /** Whether all controllers are on cgroup v2. */
  boolean unifiedCgroups();

  boolean appArmor();

  /** The policy's labels; empty where containers are not to be labelled. */
  Optional<SeLinuxDefaults> seLinux();

  /**
   * Whether a mount can be made read-only together with all below it (mount_setattr(2), kernel
   * 5.12).
   */
  boolean recursiveReadOnly();

  /** The path without links in it; empty if it does not exist. */
  Optional<Path> resolve(Path path) throws IOException;

  /** How the mount that holds an existing path passes mounts on. */
  Propagation propagation(Path path) throws IOException;

  /**
   * The device at {@code path}, or all devices in the directory {@code path} and below; links are
   * not followed.
   */
  List<HostDevice> devices(Path path) throws IOException;

  /** See mount_namespaces(7); a mount can be both shared and slave, which counts as shared. */
  enum Propagation {
    PRIVATE,
    SHARED,
    SLAVE
  }

  /**
   * A device node of the host.
   *
   * @param type c or b
   * @param permissions permission bits
   */
  record HostDevice(
      Path path, char type, long major, long minor, int permissions, long uid, long gid) {}
}
