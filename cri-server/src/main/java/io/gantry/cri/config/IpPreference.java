package io.gantry.cri.config;

import java.util.Locale;

/** Which of a pod's addresses is reported as its main one. */
public enum IpPreference {
  /** The first IPv4 address, or the first of all where there is none. */
  IPV4,
  /** The first IPv6 address, or the first of all where there is none. */
  IPV6,
  /** The order of the CNI result. */
  CNI;

  /** The preference as written in gantry.toml. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
