package io.gantry.cri.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The program by which CNI plugins masquerade and map host ports. */
final class FirewallCheck implements Check {
  private static final String SUBJECT = "firewall";

  private final List<Path> directories;

  /**
   * @param searchPath directories as in the PATH of the environment
   */
  FirewallCheck(String searchPath) {
    List<Path> all = new ArrayList<>();
    for (String each : searchPath.split(":")) {
      if (each.startsWith("/")) {
        all.add(Path.of(each));
      }
    }
    directories = all;
  }

  @Override
  public List<Finding> examine() {
    Optional<Path> iptables = find("iptables");
    if (iptables.isPresent()) {
      return List.of(Finding.fine(SUBJECT, iptables.get().toString()));
    }
    String remedy = "apt-get install iptables";
    return List.of(
        find("nft").isPresent()
            ? Finding.advice(
                SUBJECT, "nft without iptables: only plugins set to nftables map ports", remedy)
            : Finding.missing(
                SUBJECT, "neither iptables nor nft: no masquerading, no host ports", remedy));
  }

  private Optional<Path> find(String program) {
    return directories.stream()
        .map(each -> each.resolve(program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
