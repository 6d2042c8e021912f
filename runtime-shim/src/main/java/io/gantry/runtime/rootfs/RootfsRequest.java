package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.oci.OciSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@link RootfsSetup} is to prepare.
 *
 * @param id names the container in errors
 * @param bundle what relative paths of the configuration start from
 * @param rootfs mounts that make up the root; empty to use root.path as it is
 * @param terminal whether the first process gets a terminal
 * @param ownViews the container's own cgroup on the host
 * @param hostViews the whole cgroup tree on the host
 */
public record RootfsRequest(
    String id,
    Path bundle,
    OciSpec spec,
    List<RootfsMount> rootfs,
    boolean terminal,
    List<Cgroup.View> ownViews,
    List<Cgroup.View> hostViews) {
  public RootfsRequest {
    rootfs = List.copyOf(rootfs);
    ownViews = List.copyOf(ownViews);
    hostViews = List.copyOf(hostViews);
  }
}
