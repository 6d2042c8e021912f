package io.gantry.tests.bench;

import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.node.NodeProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a runtime's processes hold, the daemon and the workload itself left out: shims, and where a
 * runtime has them, pause processes.
 *
 * @param processes how many
 * @param pssKib proportional set size (proc(5), smaps_rollup): shared pages are divided among those
 *     that map them
 * @param privateKib pages that no other process maps
 */
record Memory(int processes, long pssKib, long privateKib) {

  static Memory of(NodeDirectory node, ProcessHandle daemon) {
    int processes = 0;
    long pss = 0;
    long unshared = 0;
    for (NodeProcesses.Found found : NodeProcesses.of(node)) {
      boolean workload = found.commandLine().contains("sleep " + PodCycle.WORKLOAD_SECONDS);
      if (found.pid() != daemon.pid() && !workload) {
        List<String> lines = rollup(found.pid());
        processes++;
        pss += sum(lines, "Pss:");
        unshared += sum(lines, "Private_Clean:") + sum(lines, "Private_Dirty:");
      }
    }
    return new Memory(processes, pss, unshared);
  }

  Memory minus(Memory other) {
    return new Memory(
        processes - other.processes, pssKib - other.pssKib, privateKib - other.privateKib);
  }

  private static List<String> rollup(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"));
    } catch (IOException gone) {
      return List.of();
    }
  }

  private static long sum(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .sum();
  }
}
