package io.gantry.tests.kubelet;

import io.gantry.tests.node.CgroupDriver;
import io.gantry.tests.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The cgroups of a kubelet's pods, by the driver that it has from its node's runtime. */
interface KubeletCgroups {

  /** Where cgroups are: of version 2, or the directories of version 1's hierarchies. */
  Path TREE = Path.of("/sys/fs/cgroup");

  static KubeletCgroups of(TestNode node) {
    return node.cgroupDriver() == CgroupDriver.SYSTEMD
        ? new SlicedKubeletCgroups()
        : new PlainKubeletCgroups(node.directory().name());
  }

  /** The kubelet's {@code cgroupRoot}. */
  String root();

  /** Makes what a kubelet wants to be there before it starts. */
  void make() throws IOException;

  /** The cgroup of a burstable pod, of version 2. */
  Path burstable(String uid);

  /** The cgroups of all pods that are there now. */
  List<Path> pods() throws IOException;

  /** Removes its levels of service, which stay when it ends. */
  void remove() throws IOException;

  /** The directories below another, at most three levels deep, whose names are of a form. */
  static List<Path> below(Path root, String form) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> all =
        Files.find(root, 3, (path, is) -> path.getFileName().toString().matches(form))) {
      return all.toList();
    }
  }
}
