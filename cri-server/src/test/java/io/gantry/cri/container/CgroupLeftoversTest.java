package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.cri.cgroup.PlainCgroups;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupLeftoversTest {
  @TempDir Path directory;

  @Test
  @Tag("root")
  void clear_killsWhatRunsAndRemovesTheCgroup() throws Exception {
    Linux linux = Linux.open();
    assumeTrue("root".equals(System.getProperty("user.name")), "cgroups are made by root only");
    Cgroups cgroups = CgroupTree.open(linux);
    Rig rig = new Rig(directory);
    Container container = rig.created("web");
    String path =
        rig.bundles.spec(container.id()).orElseThrow().linux().cgroupsPath().orElseThrow();
    Cgroup cgroup = cgroups.create(path);
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      cgroup.join((int) process.pid());
      CgroupLeftovers leftovers =
          new CgroupLeftovers(
              new ContainerCgroups(
                  cgroups,
                  new PlainCgroups(cgroups, Optional.empty()),
                  handler -> true,
                  rig.bundles));
      leftovers.clear(container.id());
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      assertTrue(!cgroup.exists());
      leftovers.clear(container.id());
      rig.bundles.remove(container.id());
      leftovers.clear(container.id());
    } finally {
      process.destroyForcibly();
      cgroup.remove();
    }
  }
}
