package io.gantry.cri.doctor;

import io.gantry.cri.cni.CniException;
import io.gantry.cri.cni.NetworkInspection;
import io.gantry.cri.config.Config;
import java.util.List;
import java.util.stream.Collectors;

/** The pods' network: a configuration and its plugins. */
final class NetworkCheck implements Check {
  private static final String SUBJECT = "network";

  private final Config.Cni config;

  NetworkCheck(Config.Cni config) {
    this.config = config;
  }

  @Override
  public List<Finding> examine() {
    try {
      NetworkInspection found = NetworkInspection.of(config);
      if (found.missing().isEmpty()) {
        return List.of(
            Finding.fine(SUBJECT, found.network() + " by " + String.join(", ", found.plugins())));
      }
      return List.of(
          Finding.missing(
              SUBJECT,
              "%s needs plugins that are not in %s: %s"
                  .formatted(
                      found.network(),
                      config.binDirs().stream()
                          .map(Object::toString)
                          .collect(Collectors.joining(":")),
                      String.join(", ", found.missing())),
              "apt-get install containernetworking-plugins"));
    } catch (CniException e) {
      return List.of(
          Finding.missing(
              SUBJECT,
              e.getMessage() + "; only pods on the host's network will run",
              "install a network add-on, or write a .conflist into "
                  + config.confDir()
                  + " (./quickstart has one)"));
    }
  }
}
