package io.gantry.cri.networks;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What iptables is to know of all networks, as text for iptables-restore. All of it is in chains of
 * gantry's own; each text takes the place of what was in them before, at once.
 *
 * @param prefix how the chains' names begin
 */
record FirewallRules(String prefix) {
  /** Chains of gantry's own, by how the names of bridges begin. */
  static FirewallRules named(String interfacePrefix) {
    return new FirewallRules(interfacePrefix.replaceAll("-+$", "").toUpperCase(Locale.ROOT));
  }

  /** Between networks, and between them and the world. */
  String forward() {
    return prefix + "-FORWARD";
  }

  /** What leaves one network and must not reach another. */
  String isolate() {
    return prefix + "-ISOLATE";
  }

  /** What leaves the machine with its own address. */
  String masquerade() {
    return prefix + "-MASQUERADE";
  }

  /** The rules of one family. */
  String of(List<NamedNetwork> networks, boolean ipv4) {
    StringBuilder text = new StringBuilder("*filter\n");
    text.append(":%s - [0:0]\n:%s - [0:0]\n".formatted(forward(), isolate()));
    for (NamedNetwork network : networks) {
      if (network.internal()) {
        rule(text, forward(), "-i %1$s ! -o %1$s -j DROP", network.bridge());
        rule(text, forward(), "! -i %1$s -o %1$s -j DROP", network.bridge());
      }
    }
    for (NamedNetwork network : networks) {
      if (!network.internal()) {
        // Answers, and what a published port has led here: from wherever it comes.
        rule(
            text,
            forward(),
            "-o %s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            network.bridge());
        rule(text, forward(), "-o %s -m conntrack --ctstate DNAT -j ACCEPT", network.bridge());
      }
    }
    for (NamedNetwork network : networks) {
      // Seen here only where bridges call iptables (br_netfilter).
      String verdict = network.choices().betweenPods() ? "ACCEPT" : "DROP";
      rule(text, forward(), "-i %1$s -o %1$s -j " + verdict, network.bridge());
      if (!network.internal()) {
        rule(text, forward(), "-i %%s ! -o %%1$s -j %s".formatted(isolate()), network.bridge());
      }
    }
    for (NamedNetwork network : networks) {
      if (!network.internal()) {
        rule(text, forward(), "-i %1$s ! -o %1$s -j ACCEPT", network.bridge());
      }
      rule(text, forward(), "! -i %1$s -o %1$s -j DROP", network.bridge());
      rule(text, isolate(), "-o %s -j DROP", network.bridge());
    }
    text.append("COMMIT\n*nat\n:%s - [0:0]\n".formatted(masquerade()));
    for (NamedNetwork network : networks) {
      Optional<SubnetPlan> plan = ipv4 ? network.ipv4Plan() : network.ipv6Plan();
      if (plan.isPresent() && !network.internal() && network.choices().masquerade()) {
        rule(
            text,
            masquerade(),
            "-s " + plan.get().subnet() + " ! -o %s -j MASQUERADE",
            network.bridge());
      }
    }
    return text.append("COMMIT\n").toString();
  }

  private static void rule(StringBuilder text, String chain, String rule, String bridge) {
    text.append("-A ").append(chain).append(' ').append(rule.formatted(bridge)).append('\n');
  }
}
