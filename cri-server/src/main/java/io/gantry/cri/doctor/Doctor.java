package io.gantry.cri.doctor;

import io.gantry.cri.config.Config;
import io.gantry.runtime.linux.Linux;
import java.util.List;

/** Examines the machine that it runs on. */
public final class Doctor {
  private final List<Check> checks;

  Doctor(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /** A doctor for a daemon of that configuration. */
  public static Doctor of(Config config, Linux linux, String searchPath) {
    return new Doctor(
        List.of(
            new KernelCheck(linux.host()),
            new NamespaceCheck(linux.namespaces()),
            new SeccompCheck(linux.processes()),
            new CgroupCheck(linux),
            new OverlayCheck(linux, config.paths().root()),
            new DiskCheck(linux, config.paths().root()),
            new NetworkCheck(config.cni()),
            new FirewallCheck(searchPath),
            new DaemonCheck(config.server().listen().socket())));
  }

  /** Runs every check, one after another. */
  public Diagnosis examine() {
    return new Diagnosis(checks.stream().flatMap(check -> check.examine().stream()).toList());
  }
}
