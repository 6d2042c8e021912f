package io.gantry.cri.container;

import io.gantry.cri.shims.ShimConnection;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.util.Optional;

/**
 * Frees what a container holds in the kernel once its program has ended or will not start.
 * Thread-safe.
 */
public final class TaskRelease {
  private final Leftovers leftovers;
  private final CgroupUpkeep cgroups;

  public TaskRelease(Leftovers leftovers, CgroupUpkeep cgroups) {
    this.leftovers = leftovers;
    this.cgroups = cgroups;
  }

  /**
   * Frees processes, mounts and cgroup through the shim and ends the shim; where it is gone,
   * through the cgroup. May be repeated.
   *
   * @throws IOException if something may be left
   */
  public void release(Container container) throws IOException {
    Optional<ShimConnection> shim = container.shim();
    if (shim.isPresent()) {
      try {
        release(container.id(), shim.get());
        cgroups.remove(container.id());
        container.connect(Optional.empty());
        return;
      } catch (TtrpcException e) {
        if (e.code() != TtrpcCode.UNAVAILABLE) {
          throw e;
        }
        // The shim died with the work undone.
        shim.get().close();
        container.connect(Optional.empty());
      }
    }
    leftovers.clear(container.id());
  }

  private static void release(String id, ShimConnection shim) throws TtrpcException {
    try {
      shim.delete(id);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.NOT_FOUND) {
        throw e;
      }
    }
    shim.shutdown();
    shim.close();
  }
}
