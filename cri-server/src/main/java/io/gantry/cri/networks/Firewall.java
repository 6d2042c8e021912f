package io.gantry.cri.networks;

import java.io.IOException;
import java.util.List;

/**
 * Keeps networks apart by iptables. Only chains of gantry's own are written; a rule in FORWARD and
 * one in POSTROUTING lead to them. Guarded by its caller.
 */
final class Firewall {
  private final FirewallRules rules;
  private final Programs programs = new Programs();

  /** Nothing of IPv6 is known to be there. */
  private boolean ipv6Absent;

  Firewall(FirewallRules rules) {
    this.rules = rules;
  }

  /** Makes the rules those of exactly these networks; none leave no chain. */
  void keep(List<NamedNetwork> networks) throws IOException, InterruptedException {
    keep("iptables", networks, true);
    List<NamedNetwork> ipv6 =
        networks.stream().filter(network -> network.ipv6Plan().isPresent()).toList();
    if (!ipv6.isEmpty()) {
      keep("ip6tables", ipv6, false);
      ipv6Absent = false;
    } else if (!ipv6Absent) {
      forgetIpv6();
      ipv6Absent = true;
    }
  }

  private void keep(String iptables, List<NamedNetwork> networks, boolean ipv4)
      throws IOException, InterruptedException {
    if (networks.isEmpty()) {
      forget(iptables);
      return;
    }
    programs.run(rules.of(networks, ipv4), iptables + "-restore", "-w", "--noflush").orFail();
    lead(iptables, "filter", "FORWARD", rules.forward());
    lead(iptables, "nat", "POSTROUTING", rules.masquerade());
  }

  /** First in the row, so that a policy of others does not drop what is allowed here. */
  private void lead(String iptables, String table, String from, String to)
      throws IOException, InterruptedException {
    if (!programs.run("", iptables, "-w", "-t", table, "-C", from, "-j", to).succeeded()) {
      programs.run("", iptables, "-w", "-t", table, "-I", from, "-j", to).orFail();
    }
  }

  /** A machine without ip6tables has no rules in it. */
  private void forgetIpv6() throws InterruptedException {
    try {
      forget("ip6tables");
    } catch (IOException e) {
      // Nothing there needs them: no network of ours has IPv6.
    }
  }

  private void forget(String iptables) throws IOException, InterruptedException {
    if (isThere(iptables, "filter", rules.forward())) {
      unlead(iptables, "filter", "FORWARD", rules.forward());
      remove(iptables, "filter", rules.forward());
    }
    if (isThere(iptables, "filter", rules.isolate())) {
      remove(iptables, "filter", rules.isolate());
    }
    if (isThere(iptables, "nat", rules.masquerade())) {
      unlead(iptables, "nat", "POSTROUTING", rules.masquerade());
      remove(iptables, "nat", rules.masquerade());
    }
  }

  private boolean isThere(String iptables, String table, String chain)
      throws IOException, InterruptedException {
    return programs.run("", iptables, "-w", "-t", table, "-n", "-L", chain).succeeded();
  }

  private void unlead(String iptables, String table, String from, String to)
      throws IOException, InterruptedException {
    while (programs.run("", iptables, "-w", "-t", table, "-C", from, "-j", to).succeeded()) {
      programs.run("", iptables, "-w", "-t", table, "-D", from, "-j", to).orFail();
    }
  }

  private void remove(String iptables, String table, String chain)
      throws IOException, InterruptedException {
    programs.run("", iptables, "-w", "-t", table, "-F", chain).orFail();
    programs.run("", iptables, "-w", "-t", table, "-X", chain).orFail();
  }
}
