package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.container.ContainerException;
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
    try {
      engine.cleanUp(id, bundle);
    } catch (ContainerException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static String plan(ContainerEngine engine, Path bundle) throws IOException {
    try {
      return engine.plan(bundle.toAbsolutePath().normalize().getFileName().toString(), bundle);
    } catch (ContainerException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
