package io.gantry.runtime.container;

import io.gantry.runtime.rootfs.RootfsMount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of {@link ContainerEngine#create}.
 *
 * @param id names the container in errors and, by default, its cgroup
 * @param bundle directory that holds config.json
 * @param rootfs mounts that make up the root filesystem, inside the container's own mount namespace
 *     only; empty means that root.path of the configuration is used as it is
 * @param terminal whether the first process gets a terminal, whatever the configuration says
 * @param restoration what the start brings back, in place of the configuration's program
 */
public record CreateRequest(
    String id,
    Path bundle,
    List<RootfsMount> rootfs,
    boolean terminal,
    Optional<Restoration> restoration) {
  public CreateRequest {
    if (id.isEmpty() || id.indexOf('/') >= 0 || id.equals(".") || id.equals("..")) {
      throw new IllegalArgumentException("container id \"" + id + "\" is not a file name");
    }
    rootfs = List.copyOf(rootfs);
  }

  /** A container whose program begins. */
  public CreateRequest(String id, Path bundle, List<RootfsMount> rootfs, boolean terminal) {
    this(id, bundle, rootfs, terminal, Optional.empty());
  }
}
