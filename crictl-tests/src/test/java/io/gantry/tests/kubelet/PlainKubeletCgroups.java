package io.gantry.tests.kubelet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Directories below the node's own, in the one tree or in each hierarchy.
 *
 * @param name the node's
 */
record PlainKubeletCgroups(String name) implements KubeletCgroups {

  @Override
  public String root() {
    return "/" + name;
  }

  /** The kubelet wants its root to be there, with all controllers that it uses. */
  @Override
  public void make() throws IOException {
    if (isVersion2()) {
      for (String controller : List.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids")) {
        Files.writeString(TREE.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }
    for (Path root : roots()) {
      Files.createDirectories(root);
    }
  }

  private static boolean isVersion2() {
    return Files.exists(TREE.resolve("cgroup.controllers"));
  }

  private List<Path> roots() throws IOException {
    if (isVersion2()) {
      return List.of(TREE.resolve(name));
    }
    try (Stream<Path> hierarchies = Files.list(TREE)) {
      return hierarchies
          .filter(hierarchy -> !Files.isSymbolicLink(hierarchy))
          .map(hierarchy -> hierarchy.resolve(name))
          .toList();
    }
  }

  @Override
  public Path burstable(String uid) {
    return TREE.resolve(name).resolve("kubepods/burstable/pod" + uid);
  }

  @Override
  public List<Path> pods() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path root : roots()) {
      found.addAll(KubeletCgroups.below(root, "pod.*"));
    }
    return found;
  }

  /** What is left of pods makes it fail. */
  @Override
  public void remove() throws IOException {
    for (Path root : roots()) {
      for (String level :
          List.of("kubepods/burstable", "kubepods/besteffort", "kubepods/guaranteed", "kubepods")) {
        Files.deleteIfExists(root.resolve(level));
      }
    }
  }
}
