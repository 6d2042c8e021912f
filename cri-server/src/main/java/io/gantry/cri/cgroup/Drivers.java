package io.gantry.cri.cgroup;

import io.gantry.cri.config.CgroupDriverChoice;
import io.gantry.cri.config.Config;
import io.gantry.cri.systemd.Systemd;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the driver that the configuration means on this machine. */
public final class Drivers {
  private static final Logger log = LoggerFactory.getLogger(Drivers.class);

  private Drivers() {}

  /**
   * The driver to use.
   *
   * @param systemd this machine's; empty if it does not run it
   * @throws IOException says why systemd cannot be used, if it must be; or what is wrong with the
   *     default parent
   */
  public static CgroupDriver choose(
      Config.Cgroup config,
      Optional<Systemd> systemd,
      Linux linux,
      Launcher launcher,
      Cgroups cgroups)
      throws IOException {
    CgroupDriverChoice choice = config.driver();
    try {
      if (choice != CgroupDriverChoice.CGROUPFS && isUsable(systemd, choice)) {
        return new SystemdCgroups(
            systemd.orElseThrow(),
            linux,
            launcher,
            cgroups,
            choice == CgroupDriverChoice.SYSTEMD,
            config.defaultParent());
      }
      return new PlainCgroups(cgroups, config.defaultParent());
    } catch (IllegalArgumentException e) {
      throw new IOException("cgroup.default_parent: " + e.getMessage(), e);
    }
  }

  private static boolean isUsable(Optional<Systemd> systemd, CgroupDriverChoice choice)
      throws IOException {
    boolean needed = choice == CgroupDriverChoice.SYSTEMD;
    if (systemd.isEmpty()) {
      if (needed) {
        throw new IOException(
            "cgroup.driver is \"systemd\", but systemd does not run this machine: set it to"
                + " \"cgroupfs\", and the kubelet's cgroupDriver as well");
      }
      return false;
    }
    try {
      log.atInfo().addKeyValue("version", systemd.get().version()).log("systemd makes cgroups");
      return true;
    } catch (IOException e) {
      if (needed) {
        throw new IOException("cgroup.driver is \"systemd\", but " + e.getMessage(), e);
      }
      log.atWarn()
          .addKeyValue("error", e.getMessage())
          .log("systemd runs this machine and cannot be reached; gantry makes cgroups by itself");
      return false;
    }
  }
}
