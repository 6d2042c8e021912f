package io.gantry.cri.cgroup;

import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.util.Optional;

/** Driver cgroupfs: cgroups are directories that gantry makes. */
public final class PlainCgroups implements CgroupDriver {
  private static final String DEFAULT_PARENT = "/gantry";

  private final Cgroups cgroups;
  private final String defaultParent;

  /**
   * @param defaultParent of pods that name none; empty for /gantry
   * @throws IllegalArgumentException if that is refused
   */
  public PlainCgroups(Cgroups cgroups, Optional<String> defaultParent) {
    this.cgroups = cgroups;
    this.defaultParent = ofPod(defaultParent.orElse(DEFAULT_PARENT));
  }

  @Override
  public boolean isSystemd() {
    return false;
  }

  @Override
  public String defaultParent() {
    return defaultParent;
  }

  @Override
  public String ofPod(String asked) {
    if (!asked.startsWith("/") || asked.contains("..")) {
      throw new IllegalArgumentException(
          "cgroup parent \"%s\" is not an absolute path; is the kubelet's cgroup driver cgroupfs?"
              .formatted(asked));
    }
    return asked;
  }

  @Override
  public String member(String pod, String id) {
    return (pod.endsWith("/") ? pod : pod + "/") + id;
  }

  @Override
  public void make(String path, Member member) throws IOException {
    cgroups.create(path);
  }

  @Override
  public void limitsChanged(String path) {
    // Nobody else writes them.
  }

  @Override
  public void remove(String path) throws IOException {
    Cgroup cgroup = cgroups.at(path);
    if (cgroup.exists()) {
      cgroup.killAll();
    }
    cgroup.remove();
  }
}
