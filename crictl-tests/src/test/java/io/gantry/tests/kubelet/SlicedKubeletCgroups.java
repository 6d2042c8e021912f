package io.gantry.tests.kubelet;

import io.gantry.tests.node.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Slices below the root of all, as on a node in production: systemd has one such tree. */
final class SlicedKubeletCgroups implements KubeletCgroups {

  private static final String PODS = "kubepods.slice";

  @Override
  public String root() {
    return "/";
  }

  @Override
  public void make() {
    // The kubelet has systemd make all of them.
  }

  @Override
  public Path burstable(String uid) {
    // A dash in a slice's name parts levels (systemd.slice(5)).
    return TREE.resolve(PODS)
        .resolve("kubepods-burstable.slice")
        .resolve("kubepods-burstable-pod" + uid.replace('-', '_') + ".slice");
  }

  @Override
  public List<Path> pods() throws IOException {
    return KubeletCgroups.below(TREE.resolve(PODS), "kubepods-(\\w+-)?pod\\w+\\.slice");
  }

  @Override
  public void remove() {
    Service.systemctl("stop", PODS);
  }
}
