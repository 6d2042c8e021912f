package io.gantry.docker.engine.runtime;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The machine as this process sees it, for what a runtime does not tell. */
public final class Machine {
  private Machine() {}

  /** All of its memory. */
  public static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
