package io.gantry.cri.pod;

import io.gantry.cri.selinux.PodLevels;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.selinux.SeLinuxDefaults;
import io.gantry.cri.selinux.SeLinuxLabel;
import io.gantry.proto.cri.v1.SELinuxOption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod's SELinux level, and the labels of the files that its containers see. It comes last, when
 * these are there, and goes with the pod's directory.
 */
final class PodLabels implements PodPart {
  private final PodLevels levels;
  private final Relabeling relabeling;
  private final SeLinuxDefaults defaults;

  PodLabels(PodLevels levels, Relabeling relabeling, SeLinuxDefaults defaults) {
    this.levels = levels;
    this.relabeling = relabeling;
    this.defaults = defaults;
  }

  @Override
  public String name() {
    return "SELinux labels";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    SELinuxOption asked = pod.config().getLinux().getSecurityContext().getSelinuxOptions();
    String level =
        asked.getLevel().isEmpty() ? levels.allocate(pod.paths().directory()) : asked.getLevel();
    SeLinuxLabel label = defaults.file().withLevel(level);
    PodPaths paths = pod.paths();
    for (Path file : List.of(paths.resolvConf(), paths.hostname(), paths.hosts())) {
      relabeling.relabel(file, label.toString());
    }
    if (paths.ipcNamespace().isPresent()) {
      relabeling.relabel(paths.shm(), label.toString());
    }
    return pod;
  }

  @Override
  public void undo(Pod pod) {}
}
