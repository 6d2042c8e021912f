package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;

/** Which sizes of huge pages a cgroup accounts. */
final class HugePages {
  private static final String PREFIX = "hugetlb.";

  private HugePages() {}

  static List<String> sizes(ControlDirectory directory, String suffix) throws LinuxException {
    List<String> sizes = new ArrayList<>();
    for (String name : directory.files()) {
      if (name.startsWith(PREFIX) && name.endsWith(suffix) && !name.contains(".rsvd.")) {
        sizes.add(name.substring(PREFIX.length(), name.length() - suffix.length()));
      }
    }
    return sizes;
  }
}
