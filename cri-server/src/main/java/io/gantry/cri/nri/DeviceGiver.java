package io.gantry.cri.nri;

import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.Set;

/** Gives containers the devices of vendors' specifications (CDI) that a plugin names. */
@FunctionalInterface
public interface DeviceGiver {
  /**
   * The specification with the devices in it.
   *
   * @throws IllegalArgumentException naming the device that is not there or cannot be given
   */
  OciSpec give(Set<String> names, OciSpec spec) throws IOException;
}
