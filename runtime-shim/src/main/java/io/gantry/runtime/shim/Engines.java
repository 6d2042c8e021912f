package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Path;

/** Where the shim gets its container engine from. */
final class Engines {
  private Engines() {}

  static Cgroups cgroups(Linux linux) throws IOException {
    return CgroupTree.open(linux);
  }

  static void cleanUp(ContainerEngine engine, String id, Path bundle) throws IOException {
    throw new IOException(
        "clean up container " + id + " of " + bundle + ": not built yet with " + engine);
  }

  static String plan(ContainerEngine engine, Path bundle) throws IOException {
    throw new IOException("plan " + bundle + ": not built yet with " + engine);
  }
}
