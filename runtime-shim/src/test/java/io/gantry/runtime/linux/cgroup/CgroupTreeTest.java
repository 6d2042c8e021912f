package io.gantry.runtime.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupTreeTest {
  @TempDir Path temp;

  @Test
  void open_takesV1WhenControllersAreThere_evenWithAnEmptyV2Tree() throws Exception {
    FakeCgroupFiles fake = new FakeCgroupFiles(temp);
    Cgroups cgroups =
        CgroupTree.open(
            fake.linux,
            List.of(
                fake.mount("unified", "cgroup2", "rw"),
                fake.mount("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
                fake.mount("systemd", "cgroup", "rw,xattr,name=systemd")));
    assertEquals(Cgroups.Version.V1, cgroups.version());
    assertEquals(
        List.of(
            new Cgroup.View("cpu,cpuacct", temp + "/cpu,cpuacct/a"),
            new Cgroup.View("systemd", temp + "/systemd/a")),
        cgroups.at("/a").views());
  }

  @Test
  void open_takesV2WhenNoV1ControllerIsMounted() throws Exception {
    FakeCgroupFiles fake = new FakeCgroupFiles(temp);
    Cgroups cgroups =
        CgroupTree.open(
            fake.linux,
            List.of(
                fake.mount("systemd", "cgroup", "rw,name=systemd"),
                fake.mount("u", "cgroup2", "rw")));
    assertEquals(Cgroups.Version.V2, cgroups.version());
  }

  @Test
  void open_refusesAMachineWithoutCgroups() {
    FakeCgroupFiles fake = new FakeCgroupFiles(temp);
    assertThrows(IOException.class, () -> CgroupTree.open(fake.linux, List.of()));
  }

  @Test
  void paths_areNormalizedAndCannotClimb() {
    assertEquals("/a/b", CgroupPath.normalize("a//./b/"));
    assertEquals("/", CgroupPath.normalize("/"));
    assertThrows(IllegalArgumentException.class, () -> CgroupPath.normalize("/a/../b"));
    assertEquals(List.of("/a", "/a/b", "/a/b/c"), CgroupPath.ancestry("/a/b/c"));
    assertEquals(List.of(), CgroupPath.ancestry("/"));
  }
}
