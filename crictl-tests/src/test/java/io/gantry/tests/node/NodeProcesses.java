package io.gantry.tests.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The processes of a node, found by the node's own names in what the kernel tells of each. */
public final class NodeProcesses {

  private NodeProcesses() {}

  /** A process and its words, separated by spaces. */
  public record Found(long pid, String commandLine) {
    @Override
    public String toString() {
      return pid + " " + commandLine;
    }
  }

  /** All of them now, in no particular order. */
  public static List<Found> of(NodeDirectory node) {
    List<Found> found = new ArrayList<>();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String pid = process.getFileName().toString();
        if (pid.chars().allMatch(Character::isDigit) && belongs(process, node)) {
          found.add(
              new Found(
                  Long.parseLong(pid),
                  text(process.resolve("cmdline")).replace('\0', ' ').strip()));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("list /proc", e);
    }
    return found;
  }

  private static boolean belongs(Path process, NodeDirectory node) {
    return text(process.resolve("cmdline")).contains(node.path() + "/")
        || text(process.resolve("environ")).contains(node.path() + "/")
        || text(process.resolve("cgroup")).contains(":" + node.cgroupParent() + "/")
        || text(process.resolve("cgroup")).contains("/" + node.slice() + "/");
  }

  /** A file of a process, or nothing if the process went away. */
  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
