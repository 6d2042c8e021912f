package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.linux.cgroup.UnifiedTree;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.rootfs.RootfsMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers with users of their own that manage their own part of the v2 tree. */
@Tag("root")
class ContainerDelegationTest {
  private static final int OUTSIDE = 300000;

  private static final String DIVIDE =
      "mkdir /sys/fs/cgroup/mine && echo $$ > /sys/fs/cgroup/mine/cgroup.procs && echo divided";

  @TempDir Path temp;
  private ContainerTestBench bench;

  @BeforeEach
  void setUp() throws Exception {
    Optional<Cgroups> unified = UnifiedTree.open(Linux.open());
    assumeTrue(unified.isPresent(), "no cgroup2 is mounted");
    bench = new ContainerTestBench(temp, unified.get());
    bench.bundle.idMappings.add(new OciIdMapping(0, OUTSIDE, 65536));
    bench.bundle.namespaces.add(OciNamespace.fresh(OciNamespace.Type.USER));
    Files.createDirectories(temp.resolve("upper"));
    Files.createDirectories(temp.resolve("work"));
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bench != null) {
      bench.close();
    }
  }

  private void mountTree(String... options) {
    bench.bundle.mounts.removeIf(mount -> mount.destination().equals("/sys/fs/cgroup"));
    bench.bundle.mounts.add(OciMount.of("/sys/fs/cgroup", "cgroup", "cgroup", List.of(options)));
  }

  private ContainerTestBench.Outcome run(String script) throws Exception {
    bench.bundle.write("sh", "-c", script);
    RootfsMount root =
        new RootfsMount(
            "overlay",
            "overlay",
            List.of(
                "lowerdir=" + bench.bundle.rootfs,
                "upperdir=" + temp.resolve("upper"),
                "workdir=" + temp.resolve("work"),
                "uidmap=0:" + OUTSIDE + ":65536",
                "gidmap=0:" + OUTSIDE + ":65536"));
    Container container = bench.create(List.of(root), false);
    try (var pipe = bench.linux.files().pipe2(0)) {
      return bench.finish(container.start(bench.stdio(pipe)), pipe);
    }
  }

  @Test
  void writableTree_canBeDividedByTheContainersRoot() throws Exception {
    mountTree("nosuid", "noexec", "nodev", "rw");
    assertEquals(new ContainerTestBench.Outcome(0, "divided\n"), run(DIVIDE));
  }

  @Test
  void limits_stayOutOfItsReach() throws Exception {
    mountTree("nosuid", "noexec", "nodev", "rw");
    ContainerTestBench.Outcome outcome = run("echo 1 > /sys/fs/cgroup/cgroup.max.depth");
    assertTrue(outcome.output().contains("Permission denied"), outcome.output());
  }

  @Test
  void withoutACgroupNamespace_nothingIsHandedOver() throws Exception {
    bench.bundle.namespaces.removeIf(n -> n.type() == OciNamespace.Type.CGROUP);
    mountTree("nosuid", "noexec", "nodev", "rw");
    ContainerTestBench.Outcome outcome =
        run("p=$(grep ^0: /proc/self/cgroup); mkdir /sys/fs/cgroup/${p#0::}/mine");
    assertTrue(outcome.output().contains("Permission denied"), outcome.output());
  }
}
