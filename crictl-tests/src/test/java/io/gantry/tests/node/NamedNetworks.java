package io.gantry.tests.node;

import io.gantry.tests.tools.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a node's networks beside the CNI's are in the kernel. The default one is made when a pod
 * first wants it, and stays for the next, so it is the node's end that removes it.
 */
record NamedNetworks(String interfacePrefix) {
  private static final List<String> FIREWALLS = List.of("iptables", "ip6tables");
  private static final List<String> TABLES = List.of("filter", "nat");

  /** Removes their bridges and their chains, with the rules that lead there. */
  void remove() {
    for (String bridge : bridges()) {
      Command.of("ip", "link", "delete", bridge).run();
    }
    for (String firewall : FIREWALLS) {
      for (String table : TABLES) {
        removeChains(firewall, table);
      }
    }
  }

  private List<String> bridges() {
    try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
      return links
          .map(link -> link.getFileName().toString())
          .filter(link -> link.startsWith(interfacePrefix))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("list the machine's interfaces", e);
    }
  }

  private void removeChains(String firewall, String table) {
    String ours = interfacePrefix.replaceAll("-+$", "").toUpperCase(Locale.ROOT) + "-";
    List<String> lines =
        Command.of(firewall + "-save", "-t", table).run().stdout().lines().toList();
    lines.stream()
        .filter(line -> line.startsWith("-A ") && line.contains("-j " + ours))
        .forEach(rule -> run(firewall, table, List.of(("-D " + rule.substring(3)).split(" "))));
    List<String> chains =
        lines.stream()
            .filter(line -> line.startsWith(":" + ours))
            .map(line -> line.substring(1, line.indexOf(' ')))
            .toList();
    chains.forEach(chain -> run(firewall, table, List.of("-F", chain)));
    chains.forEach(chain -> run(firewall, table, List.of("-X", chain)));
  }

  private static void run(String firewall, String table, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of(firewall, "-w", "-t", table));
    words.addAll(arguments);
    Command.of(words.toArray(String[]::new)).run();
  }
}
