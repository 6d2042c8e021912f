package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.INVALID_SPEC;

import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.UserMapping;

/** Refuses what gantry does not have before anything is made. */
final class SpecChecks {
  private SpecChecks() {}

  static void check(String container, OciSpec spec) throws ContainerException {
    OciLinux linux = spec.linux();
    for (OciNamespace namespace : linux.namespaces()) {
      OciNamespace.Type type = namespace.type();
      if (type == OciNamespace.Type.TIME) {
        throw invalid(container, "time namespaces are not supported");
      }
      if (type == OciNamespace.Type.MOUNT && namespace.path().isPresent()) {
        throw invalid(container, "joining a mount namespace is not supported");
      }
    }
    checkMappings(container, linux);
    if (linux.namespace(OciNamespace.Type.MOUNT).isEmpty()) {
      throw invalid(container, "linux.namespaces has no mount namespace");
    }
    boolean ownUts = linux.namespace(OciNamespace.Type.UTS).isPresent();
    if (!ownUts && (spec.hostname().isPresent() || spec.domainname().isPresent())) {
      throw invalid(container, "a host name needs a UTS namespace in linux.namespaces");
    }
    if (!spec.hooks().startContainer().isEmpty()) {
      throw invalid(container, "startContainer hooks are not supported");
    }
  }

  /** With a user namespace of another's making, too, it must be known whom its root is outside. */
  private static void checkMappings(String container, OciLinux linux) throws ContainerException {
    boolean mapped = !linux.uidMappings().isEmpty() || !linux.gidMappings().isEmpty();
    if (linux.namespace(OciNamespace.Type.USER).isEmpty()) {
      if (mapped) {
        throw invalid(container, "id mappings need a user namespace in linux.namespaces");
      }
      return;
    }
    try {
      if (UserMapping.of(linux).isEmpty()) {
        throw invalid(container, "a user namespace needs linux.uidMappings and linux.gidMappings");
      }
    } catch (IllegalArgumentException e) {
      throw invalid(container, e.getMessage());
    }
  }

  /** The container's cgroup; below /gantry by default. */
  static String cgroupPath(String container, OciSpec spec) throws ContainerException {
    String path = spec.linux().cgroupsPath().orElse("/gantry/" + container);
    if (!path.startsWith("/") && path.indexOf(':') >= 0) {
      throw invalid(container, "linux.cgroupsPath " + path + " is systemd's, not supported");
    }
    return path;
  }

  private static ContainerException invalid(String container, String problem) {
    return new ContainerException(INVALID_SPEC, "container " + container + ": " + problem);
  }
}
