package io.gantry.runtime.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Linux part of a configuration, see config-linux.md.
 *
 * @param namespaces those the container does not share with the runtime
 * @param cgroupsPath path below the cgroup root, or slice:prefix:name for systemd
 * @param rootfsPropagation private, shared, slave or unbindable, also with r in front; absent means
 *     private
 */
public record OciLinux(
    List<OciNamespace> namespaces,
    List<OciIdMapping> uidMappings,
    List<OciIdMapping> gidMappings,
    List<OciDevice> devices,
    Optional<String> cgroupsPath,
    OciResources resources,
    Map<String, String> sysctl,
    Optional<OciSeccomp> seccomp,
    Optional<String> rootfsPropagation,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    Optional<String> mountLabel,
    Optional<OciIntelRdt> intelRdt) {

  public OciLinux {
    namespaces = List.copyOf(namespaces);
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
    devices = List.copyOf(devices);
    sysctl = Ordered.copyOf(sysctl);
    maskedPaths = List.copyOf(maskedPaths);
    readonlyPaths = List.copyOf(readonlyPaths);
  }

  /** The same with other device nodes and limits. */
  public OciLinux withDevices(List<OciDevice> nodes, OciResources limits) {
    return new OciLinux(
        namespaces,
        uidMappings,
        gidMappings,
        nodes,
        cgroupsPath,
        limits,
        sysctl,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt);
  }

  /** The namespace of this type, if the container does not share the runtime's. */
  public Optional<OciNamespace> namespace(OciNamespace.Type type) {
    for (OciNamespace namespace : namespaces) {
      if (namespace.type() == type) {
        return Optional.of(namespace);
      }
    }
    return Optional.empty();
  }
}
