package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.pod.PodPaths;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciNamespace.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which namespaces a container joins, which it gets anew, and which it shares with the host. */
final class NamespaceSet {
  private NamespaceSet() {}

  /**
   * Network, IPC and UTS always follow the pod, whose own modes decided whether they are the
   * host's.
   *
   * @throws CriException if a mode cannot be had, or needs what is not built
   */
  static List<OciNamespace> of(SpecRequest request, boolean unifiedCgroups) {
    NamespaceOption options = request.security().getNamespaceOptions();
    checkUserNamespace(request, options);
    PodPaths paths = request.pod().paths();
    List<OciNamespace> namespaces = new ArrayList<>();
    join(namespaces, Type.USER, paths.userNamespace());
    namespaces.add(OciNamespace.fresh(Type.MOUNT));
    join(namespaces, Type.NETWORK, paths.networkNamespace());
    join(namespaces, Type.IPC, paths.ipcNamespace());
    join(namespaces, Type.UTS, paths.utsNamespace());
    pid(request, options).ifPresent(namespaces::add);
    // On v1 a cgroup namespace hides nothing that the mounts do not hide already; a privileged
    // container manages the
    // host's tree.
    if (unifiedCgroups && !request.privileged()) {
      namespaces.add(OciNamespace.fresh(Type.CGROUP));
    }
    return List.copyOf(namespaces);
  }

  private static void join(List<OciNamespace> namespaces, Type type, Optional<Path> pinned) {
    pinned.ifPresent(path -> namespaces.add(OciNamespace.at(type, path.toString())));
  }

  private static Optional<OciNamespace> pid(SpecRequest request, NamespaceOption options) {
    return switch (options.getPid()) {
      case NODE -> Optional.empty();
      case CONTAINER -> Optional.of(OciNamespace.fresh(Type.PID));
      case POD -> podPid(request);
      case TARGET -> Optional.of(targetPid(request, options));
      case UNRECOGNIZED ->
          throw CriException.invalid(
              "container "
                  + request.name()
                  + ": unknown PID namespace mode "
                  + options.getPidValue());
    };
  }

  /**
   * The mode of the pod. POD is also what a request that says nothing looks like, so that in a pod
   * whose containers are apart it means no more than "as the pod has it".
   */
  private static Optional<OciNamespace> podPid(SpecRequest request) {
    Optional<Path> pinned = request.pod().paths().pidNamespace();
    if (pinned.isPresent()) {
      return pinned.map(path -> OciNamespace.at(Type.PID, path.toString()));
    }
    NamespaceMode mode =
        request.pod().config().getLinux().getSecurityContext().getNamespaceOptions().getPid();
    return mode == NamespaceMode.NODE
        ? Optional.empty()
        : Optional.of(OciNamespace.fresh(Type.PID));
  }

  private static OciNamespace targetPid(SpecRequest request, NamespaceOption options) {
    int pid =
        request
            .targetPid()
            .orElseThrow(
                () ->
                    CriException.wrongState(
                        "container "
                            + request.name()
                            + " asks for the PID namespace of container "
                            + options.getTargetId()
                            + ", which is not running in the same pod"));
    return OciNamespace.at(Type.PID, "/proc/" + pid + "/ns/pid");
  }

  /** A request that says nothing about users means the pod's; one that does must say the same. */
  private static void checkUserNamespace(SpecRequest request, NamespaceOption options) {
    if (!options.hasUsernsOptions()) {
      return;
    }
    UserNamespace asked = options.getUsernsOptions();
    UserNamespace pods =
        request
            .pod()
            .config()
            .getLinux()
            .getSecurityContext()
            .getNamespaceOptions()
            .getUsernsOptions();
    boolean own = request.pod().users().isPresent();
    boolean same =
        switch (asked.getMode()) {
          case NODE -> !own;
          case POD -> own && asked.equals(pods);
          default -> false;
        };
    if (!same) {
      throw CriException.invalid(
          "container "
              + request.name()
              + ": its user namespace or id mappings are not those of its pod");
    }
  }
}
