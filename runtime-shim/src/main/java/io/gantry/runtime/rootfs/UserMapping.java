package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whom the users of a container's user namespace are on the host. The container's root must be
 * somebody there.
 */
public record UserMapping(List<IdRange> uids, List<IdRange> gids) {

  public UserMapping {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    if (IdRange.outside(uids, 0).isEmpty() || IdRange.outside(gids, 0).isEmpty()) {
      throw new IllegalArgumentException("id mappings leave the container's user or group 0 out");
    }
  }

  /**
   * The mapping of a configuration; empty if it has no user namespace or gives none.
   *
   * @throws IllegalArgumentException if a range is none, or user or group 0 is not mapped
   */
  public static Optional<UserMapping> of(OciLinux linux) {
    if (linux.namespace(OciNamespace.Type.USER).isEmpty()
        || linux.uidMappings().isEmpty() && linux.gidMappings().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new UserMapping(ranges(linux.uidMappings()), ranges(linux.gidMappings())));
  }

  static List<IdRange> ranges(List<OciIdMapping> mappings) {
    List<IdRange> ranges = new ArrayList<>();
    for (OciIdMapping mapping : mappings) {
      ranges.add(new IdRange(mapping.containerId(), mapping.hostId(), mapping.size()));
    }
    return ranges;
  }

  /** The host's id of a user of the container; of its root for one that is not mapped. */
  public int hostUid(long uid) {
    return host(uids, uid);
  }

  /** The host's id of a group of the container; of its root's for one that is not mapped. */
  public int hostGid(long gid) {
    return host(gids, gid);
  }

  private static int host(List<IdRange> ranges, long id) {
    OptionalLong outside = IdRange.outside(ranges, id);
    return (int) (outside.isPresent() ? outside : IdRange.outside(ranges, 0)).getAsLong();
  }
}
