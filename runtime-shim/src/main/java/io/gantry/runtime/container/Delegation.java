package io.gantry.runtime.container;

import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.UserMapping;

/**
 * Whether a container is to manage its own part of the cgroup tree: it has a cgroup namespace,
 * users of its own, and a mount of the tree that it may write (OCI runtime specification,
 * config-linux.md: cgroup ownership).
 */
final class Delegation {
  private Delegation() {}

  static boolean isAsked(OciSpec spec) {
    return UserMapping.of(spec.linux()).isPresent() && hasOwnNamespace(spec) && mayWrite(spec);
  }

  /** The container's root, as the host numbers it. */
  static int owner(OciSpec spec) {
    return UserMapping.of(spec.linux()).orElseThrow().hostUid(0);
  }

  private static boolean hasOwnNamespace(OciSpec spec) {
    for (OciNamespace namespace : spec.linux().namespaces()) {
      if (namespace.type() == OciNamespace.Type.CGROUP) {
        return namespace.path().isEmpty();
      }
    }
    return false;
  }

  private static boolean mayWrite(OciSpec spec) {
    for (OciMount mount : spec.mounts()) {
      String type = mount.type().orElse("");
      if (type.equals("cgroup") || type.equals("cgroup2")) {
        return !mount.options().contains("ro");
      }
    }
    return false;
  }
}
