package io.gantry.tests.node;

import io.gantry.tests.tools.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a node still has in the kernel: found by the node's own names only, so that other runs on
 * the machine neither hide nor cause anything.
 *
 * @param found a line for each thing, by its kind
 */
public record Leftovers(Map<String, List<String>> found) {

  /** Looks now. */
  public static Leftovers of(NodeDirectory node) {
    Map<String, List<String>> found = new TreeMap<>();
    found.put("mounts", mounts(node));
    found.put("cgroups", cgroups(node));
    found.put("interfaces", interfaces(node));
    found.put("iptables rules", rules(node));
    found.put("address leases", leases(node));
    found.put("processes", processes(node));
    found.put("files", files(node));
    return new Leftovers(found);
  }

  public boolean none() {
    return found.values().stream().allMatch(List::isEmpty);
  }

  /** What there is more or less of a kind than in the other, a line for each kind that differs. */
  public String differenceTo(Leftovers other) {
    StringBuilder text = new StringBuilder();
    for (String kind : found.keySet()) {
      if (count(kind) != other.count(kind)) {
        text.append(
            "%s: %d, before %d: %s%n"
                .formatted(kind, count(kind), other.count(kind), found.get(kind)));
      }
    }
    return text.toString();
  }

  public int count(String kind) {
    return found.get(kind).size();
  }

  private static List<String> mounts(NodeDirectory node) {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)
          .stream()
          .filter(line -> line.contains(node.path() + "/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("read the mount table", e);
    }
  }

  private static List<String> cgroups(NodeDirectory node) {
    List<String> found = new ArrayList<>();
    List<Path> hierarchies = new ArrayList<>(children(Path.of("/sys/fs/cgroup")));
    // cgroup v2 alone is one hierarchy, mounted there itself.
    hierarchies.add(Path.of("/sys/fs/cgroup"));
    for (Path hierarchy : hierarchies) {
      add(found, hierarchy.resolve(node.name()));
      add(found, hierarchy.resolve("gantry.slice").resolve(node.slice()));
    }
    return found;
  }

  private static void add(List<String> found, Path parent) {
    if (!Files.isDirectory(parent)) {
      return;
    }
    try (Stream<Path> all = Files.walk(parent, new FileVisitOption[0])) {
      all.filter(Files::isDirectory)
          .filter(path -> !path.equals(parent))
          .forEach(path -> found.add(path.toString()));
    } catch (IOException | UncheckedIOException goneMeanwhile) {
      // A cgroup may go while it is listed; then it is no leftover.
    }
  }

  /** Host ends of pods' links. The bridge itself belongs to the network, as with every CNI. */
  private static List<String> interfaces(NodeDirectory node) {
    return children(Path.of("/sys/class/net", node.bridge(), "brif")).stream()
        .map(path -> path.getFileName().toString())
        .toList();
  }

  private static List<String> rules(NodeDirectory node) {
    return Command.of("iptables-save")
        .run()
        .orFail()
        .stdout()
        .lines()
        .filter(line -> line.startsWith("-A") && line.contains(node.name()))
        .toList();
  }

  private static List<String> leases(NodeDirectory node) {
    return children(node.path().resolve("ipam").resolve(node.name())).stream()
        .map(path -> path.getFileName().toString())
        .filter(file -> file.startsWith("10."))
        .toList();
  }

  private static List<String> processes(NodeDirectory node) {
    return NodeProcesses.of(node).stream().map(NodeProcesses.Found::toString).toList();
  }

  /** What gantryd keeps of each pod and container, on disk and until the next boot. */
  private static List<String> files(NodeDirectory node) {
    return Stream.of(
            node.root().resolve("pods"),
            node.root().resolve("containers"),
            node.root().resolve("cni"),
            node.root().resolve("checkpoints"),
            node.root().resolve("pod-checkpoints"),
            node.root().resolve("pod-restorations"),
            node.root().resolve("snapshots/writable"),
            node.state().resolve("pods"),
            node.state().resolve("bundles"))
        .flatMap(directory -> children(directory).stream())
        .map(Path::toString)
        .filter(path -> !path.endsWith("/set-aside"))
        .toList();
  }

  private static List<Path> children(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.sorted().toList();
    } catch (IOException absent) {
      return List.of();
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    found.forEach(
        (kind, things) ->
            things.forEach(thing -> text.append(kind).append(": ").append(thing).append('\n')));
    return text.isEmpty() ? "nothing" : text.toString();
  }
}
