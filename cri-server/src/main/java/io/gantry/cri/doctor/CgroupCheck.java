package io.gantry.cri.doctor;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which controllers there are, on either version. */
final class CgroupCheck implements Check {
  private static final String SUBJECT = "cgroups";
  private static final String V1 = "cgroup";
  private static final String V2 = "cgroup2";
  private static final int LIST_BYTES = 4096;

  /** On version 1 the device list and the freezer are controllers of their own. */
  private static final Set<String> NEEDED_V1 =
      Set.of("cpu", "cpuset", "devices", "freezer", "memory", "pids");

  private static final Set<String> NEEDED_V2 = Set.of("cpu", "cpuset", "memory", "pids");

  private final Linux linux;

  CgroupCheck(Linux linux) {
    this.linux = linux;
  }

  @Override
  public List<Finding> examine() {
    try {
      List<MountInfo> mounts = linux.mounts().mountInfo();
      Set<String> v1 = new TreeSet<>();
      mounts.stream()
          .filter(each -> each.type().equals(V1))
          .forEach(each -> v1.addAll(Arrays.asList(each.superOptions().split(","))));
      Optional<MountInfo> v2 = mounts.stream().filter(each -> each.type().equals(V2)).findFirst();
      Set<String> unified = v2.isPresent() ? controllers(v2.get().target()) : Set.of();
      return List.of(judge(v1, v2.isPresent(), unified));
    } catch (IOException e) {
      return List.of(
          Finding.missing(SUBJECT, e.getMessage(), "mount cgroups, as systemd does at boot"));
    }
  }

  /**
   * A controller is in one hierarchy only. A machine whose tree of version 2 has the memory
   * controller is one of version 2; else what is mounted as version 1 counts.
   */
  static Finding judge(Set<String> v1, boolean hasV2, Set<String> unified) {
    if (v1.isEmpty() && !hasV2) {
      return Finding.missing(
          SUBJECT, "no cgroup filesystem is mounted", "mount cgroups, as systemd does at boot");
    }
    boolean isV2 = unified.contains("memory") || v1.isEmpty();
    Set<String> present = isV2 ? unified : v1;
    Set<String> absent = new TreeSet<>(isV2 ? NEEDED_V2 : NEEDED_V1);
    absent.removeAll(present);
    String layout = isV2 ? "version 2" : hasV2 ? "version 1, hybrid" : "version 1";
    if (absent.isEmpty()) {
      return Finding.fine(SUBJECT, layout);
    }
    return Finding.missing(
        SUBJECT,
        "%s without %s".formatted(layout, String.join(", ", absent)),
        absent.contains("memory")
            ? "boot with cgroup_enable=memory (GRUB_CMDLINE_LINUX in /etc/default/grub)"
            : "boot with systemd.unified_cgroup_hierarchy=1");
  }

  private Set<String> controllers(String mountPoint) throws IOException {
    List<String> names = new ArrayList<>();
    try (Fd file =
        linux
            .files()
            .open(
                Fd.CWD,
                mountPoint + "/cgroup.controllers",
                FileFlags.O_RDONLY | FileFlags.O_CLOEXEC,
                0)) {
      byte[] list = new byte[LIST_BYTES];
      int length = linux.files().read(file, list, 0, list.length);
      String text = new String(list, 0, Math.max(length, 0), StandardCharsets.US_ASCII);
      names.addAll(Arrays.asList(text.strip().split(" ")));
    }
    return Set.copyOf(names);
  }
}
