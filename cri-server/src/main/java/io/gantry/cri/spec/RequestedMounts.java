package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.spec.HostFacts.Propagation;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.MountPropagation;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The mounts of a request, checked against the host.
 *
 * @param mounts in the request's order
 */
record RequestedMounts(List<OciMount> mounts) {
  /** What Mount.mount_options may hold. */
  private static final Set<String> EXTRA_OPTIONS = Set.of("noexec", "nodev", "nosuid");

  RequestedMounts {
    mounts = List.copyOf(mounts);
  }

  /**
   * @param container the container's name, for messages
   * @throws CriException for a mount that cannot be made as asked; the message names it
   */
  static RequestedMounts of(String container, List<Mount> asked, HostFacts host)
      throws IOException {
    List<OciMount> mounts = new ArrayList<>();
    for (Mount mount : asked) {
      mounts.add(new One(container, mount, host).checked());
    }
    return new RequestedMounts(mounts);
  }

  /** These and others. */
  RequestedMounts and(List<OciMount> more) {
    List<OciMount> all = new ArrayList<>(mounts);
    all.addAll(more);
    return new RequestedMounts(all);
  }

  /** One mount of the request on its way to the specification. */
  private record One(String container, Mount mount, HostFacts host) {

    OciMount checked() throws IOException {
      String destination = destination();
      Path source = source();
      List<String> options = new ArrayList<>();
      options.add("rbind");
      options.add(propagation(source));
      options.add(access());
      for (String extra : mount.getMountOptionsList()) {
        if (!EXTRA_OPTIONS.contains(extra)) {
          throw invalid("option \"" + extra + "\" is none of noexec, nodev, nosuid");
        }
        options.add(extra);
      }
      return new OciMount(
          destination,
          Optional.of("bind"),
          Optional.of(source.toString()),
          options,
          mappings(mount.getUidMappingsList()),
          mappings(mount.getGidMappingsList()));
    }

    /** Not the kubelet's doing, but the kernel takes several ranges. */
    private List<OciIdMapping> mappings(List<IDMapping> asked) {
      if (mount.getUidMappingsCount() == 0 != (mount.getGidMappingsCount() == 0)) {
        throw invalid("id mappings of users and of groups belong together");
      }
      List<OciIdMapping> mappings = new ArrayList<>();
      for (IDMapping mapping : asked) {
        mappings.add(
            new OciIdMapping(
                Integer.toUnsignedLong(mapping.getContainerId()),
                Integer.toUnsignedLong(mapping.getHostId()),
                Integer.toUnsignedLong(mapping.getLength())));
      }
      return mappings;
    }

    private String destination() {
      if (!mount.getContainerPath().startsWith("/")) {
        throw invalid("the path in the container is not absolute");
      }
      String normal = Path.of(mount.getContainerPath()).normalize().toString();
      if (normal.equals("/")) {
        throw invalid("the root of the container cannot be mounted over");
      }
      return normal;
    }

    private Path source() throws IOException {
      if (!mount.getHostPath().startsWith("/")) {
        throw invalid("the path on the host is not absolute");
      }
      // The kubelet makes the directories it wants made; the CRI asks for an error here
      // (Mount.host_path).
      return host.resolve(Path.of(mount.getHostPath()))
          .orElseThrow(() -> invalid("source does not exist"));
    }

    private String propagation(Path source) throws IOException {
      return switch (mount.getPropagation()) {
        case PROPAGATION_PRIVATE -> "rprivate";
        case PROPAGATION_BIDIRECTIONAL -> {
          if (host.propagation(source) != Propagation.SHARED) {
            throw invalid("bidirectional propagation needs a source on a shared mount");
          }
          yield "rshared";
        }
        case PROPAGATION_HOST_TO_CONTAINER -> {
          if (host.propagation(source) == Propagation.PRIVATE) {
            throw invalid("propagation from the host needs a source on a shared or slave mount");
          }
          yield "rslave";
        }
        case UNRECOGNIZED -> throw invalid("unknown propagation " + mount.getPropagationValue());
      };
    }

    private String access() {
      if (!mount.getRecursiveReadOnly()) {
        return mount.getReadonly() ? "ro" : "rw";
      }
      if (!mount.getReadonly()) {
        throw invalid("recursive_read_only needs readonly");
      }
      if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
        throw invalid("recursive_read_only needs private propagation");
      }
      if (!host.recursiveReadOnly()) {
        // The kubelet recognises this error by its first word, see KEP-3857.
        throw CriException.wrongState(
            "RROUnsupported: "
                + words()
                + ": this kernel has no mount_setattr, which came with 5.12");
      }
      return "rro";
    }

    private CriException invalid(String why) {
      return CriException.invalid(words() + ": " + why);
    }

    private String words() {
      return "mount "
          + mount.getHostPath()
          + " at "
          + mount.getContainerPath()
          + " in container "
          + container;
    }
  }
}
