package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.time.Duration;

/** The freezer controller, see the kernel's cgroup-v1/freezer-subsystem document. */
final class V1Freezer {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private V1Freezer() {}

  static void freeze(ControlDirectory directory) throws IOException {
    if (!tryFreeze(directory)) {
      thaw(directory);
      throw new IOException(
          "freeze " + directory + ": processes did not stop within " + LIMIT.toSeconds() + " s");
    }
  }

  /** Writes FROZEN anew at each look: a fork during FREEZING can otherwise leave it so for ever. */
  static boolean tryFreeze(ControlDirectory directory) throws LinuxException {
    Patience patience = new Patience(LIMIT);
    do {
      directory.write("freezer.state", "FROZEN");
      if (directory.read("freezer.state").equals("FROZEN")) {
        return true;
      }
    } while (patience.pause());
    return false;
  }

  static void thaw(ControlDirectory directory) throws LinuxException {
    if (directory.exists()) {
      directory.write("freezer.state", "THAWED");
    }
  }
}
