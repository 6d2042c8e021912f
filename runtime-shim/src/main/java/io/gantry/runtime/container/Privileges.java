package io.gantry.runtime.container;

import io.gantry.runtime.linux.Capability;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/**
 * What this process itself may do, which is the most it can give to a container.
 *
 * @param permitted its permitted capabilities, as bits
 * @param lastCapability the kernel's highest capability number
 * @param oomScoreAdj its own adjustment, the lowest it can give without CAP_SYS_RESOURCE
 */
record Privileges(long permitted, int lastCapability, int oomScoreAdj) {
  private static final int CAP_SYS_RESOURCE = 24;

  static Privileges read(Linux linux) throws IOException {
    String status = linux.files().readText("/proc/self/status");
    int at = status.indexOf("\nCapPrm:") + "\nCapPrm:".length();
    long permitted =
        Long.parseUnsignedLong(status.substring(at, status.indexOf('\n', at)).trim(), 16);
    return new Privileges(
        permitted,
        linux.host().lastCapability(),
        linux.processes().oomScoreAdj(linux.processes().pid()));
  }

  /**
   * The bits of names that can be given. Those this process lacks are left out with a notice, as a
   * privileged container asks for all there are.
   *
   * @throws IllegalArgumentException for a name no kernel has
   */
  long capabilities(List<String> names, ContainerEngine.Notices notices) {
    long bits = 0;
    for (String name : names) {
      OptionalInt number = Capability.number(name);
      if (number.isEmpty()) {
        throw new IllegalArgumentException("unknown capability " + name);
      }
      long bit = 1L << number.getAsInt();
      if ((permitted & bit) == 0) {
        notices.notice(name + " cannot be given: gantry does not have it itself");
      } else {
        bits |= bit;
      }
    }
    return bits;
  }

  /** The adjustment that can be set instead of the one that is wanted. */
  int oomScoreAdj(int wanted, ContainerEngine.Notices notices) {
    if (wanted >= oomScoreAdj || (permitted & 1L << CAP_SYS_RESOURCE) != 0) {
      return wanted;
    }
    notices.notice(
        "oom_score_adj "
            + wanted
            + " cannot be set without CAP_SYS_RESOURCE; "
            + oomScoreAdj
            + " is used");
    return oomScoreAdj;
  }
}
