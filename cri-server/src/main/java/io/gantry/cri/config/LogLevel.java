package io.gantry.cri.config;

import java.util.Locale;

/** How much the daemon writes to standard error. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE;

  /** The level as written in gantry.toml. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
