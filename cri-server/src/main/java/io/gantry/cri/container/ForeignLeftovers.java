package io.gantry.cri.container;

import io.gantry.runtime.foreign.ForeignCleanup;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;

/**
 * Clears what a container of another shim leaves when gantry's own before it is lost: the other one
 * lives on, has the root filesystem mounted, and knows how to end the container.
 */
public final class ForeignLeftovers implements Leftovers {
  private final Mounts mounts;
  private final Bundles bundles;
  private final Leftovers rest;

  /**
   * @param rest clears what every container leaves; comes last
   */
  public ForeignLeftovers(Mounts mounts, Bundles bundles, Leftovers rest) {
    this.mounts = mounts;
    this.bundles = bundles;
    this.rest = rest;
  }

  @Override
  public void clear(String containerId) throws IOException {
    ForeignCleanup.run(mounts, containerId, bundles.path(containerId));
    rest.clear(containerId);
  }
}
