package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciHugepageLimit;
import java.util.List;

/**
 * The hugetlb controller. Limits are ignored where it is missing: the kubelet sends one for each of
 * the machine's page sizes, 0 for those a pod does not ask for, and runs without the controller
 * itself, so that refusing them would keep every pod from such a node.
 */
final class Hugetlb {
  private Hugetlb() {}

  static void applyV1(ControlDirectory directory, List<OciHugepageLimit> limits)
      throws LinuxException {
    apply(directory, limits, ".limit_in_bytes");
  }

  static void applyV2(ControlDirectory directory, List<OciHugepageLimit> limits)
      throws LinuxException {
    if (limits.isEmpty() || !isOffered(directory)) {
      return;
    }
    apply(directory, limits, ".max");
  }

  private static boolean isOffered(ControlDirectory directory) throws LinuxException {
    String offered = directory.readIfPresent("cgroup.controllers");
    return (" " + offered.trim() + " ").contains(" hugetlb ");
  }

  /** Reserved pages are limited too (kernel 5.7), or a program dies by SIGBUS at first touch. */
  private static void apply(
      ControlDirectory directory, List<OciHugepageLimit> limits, String suffix)
      throws LinuxException {
    for (OciHugepageLimit limit : limits) {
      String prefix = "hugetlb." + limit.pageSize();
      // The kernel parses a signed number; what does not fit means no limit.
      long bytes = limit.limitBytes() < 0 ? Long.MAX_VALUE : limit.limitBytes();
      directory.write(prefix + suffix, bytes);
      if (directory.has(prefix + ".rsvd" + suffix)) {
        directory.write(prefix + ".rsvd" + suffix, bytes);
      }
    }
  }
}
