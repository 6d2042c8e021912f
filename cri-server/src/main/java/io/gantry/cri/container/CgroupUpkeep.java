package io.gantry.cri.container;

import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;

/** What becomes of containers' cgroups besides what shims do with them. Thread-safe. */
public interface CgroupUpkeep {
  /** Shims do all of it. */
  CgroupUpkeep NONE =
      new CgroupUpkeep() {
        @Override
        public void make(ContainerRecord container, OciSpec spec) {}

        @Override
        public void limitsChanged(String containerId) {}

        @Override
        public void remove(String containerId) {}
      };

  /**
   * Makes what must be there before a shim hears of the container. Nothing stays behind when this
   * fails.
   */
  void make(ContainerRecord container, OciSpec spec) throws IOException;

  /** To be called when a shim has set limits. */
  void limitsChanged(String containerId) throws IOException;

  /**
   * Kills what is left in the container's cgroup, and removes it. Does nothing where nothing is
   * left, nor without a bundle, whose specification names the cgroup.
   */
  void remove(String containerId) throws IOException;
}
