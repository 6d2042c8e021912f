package io.gantry.cri.config;

import java.util.Locale;

/** Who makes cgroups; the kubelet must be set to the same. */
public enum CgroupDriverChoice {
  /** systemd where it runs the machine, gantry itself elsewhere. */
  AUTO,
  CGROUPFS,
  SYSTEMD;

  /** The choice as written in gantry.toml. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
