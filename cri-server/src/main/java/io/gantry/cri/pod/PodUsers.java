package io.gantry.cri.pod;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.runtime.linux.IdRange;
import java.util.List;
import java.util.Optional;

/**
 * Whom the users and groups of a pod's user namespace are on the host. One range each, from the
 * pod's 0 on: all that the kubelet gives out (KEP-127).
 */
public record PodUsers(IdRange uids, IdRange gids) {

  /** The users of a pod whose options were checked; empty if they are the host's. */
  static Optional<PodUsers> of(NamespaceOption options) {
    UserNamespace asked = options.getUsernsOptions();
    if (!options.hasUsernsOptions() || asked.getMode() != NamespaceMode.POD) {
      return Optional.empty();
    }
    return Optional.of(new PodUsers(range(asked.getUids(0)), range(asked.getGids(0))));
  }

  /**
   * @throws CriException if these options cannot be a pod's, saying why
   */
  static void check(NamespaceOption options) {
    if (!options.hasUsernsOptions()) {
      return;
    }
    UserNamespace asked = options.getUsernsOptions();
    switch (asked.getMode()) {
      case POD -> {
        check("user", asked.getUidsList());
        check("group", asked.getGidsList());
      }
      case NODE -> {
        if (asked.getUidsCount() > 0 || asked.getGidsCount() > 0) {
          throw CriException.invalid("id mappings need a pod's user namespace of mode POD");
        }
      }
      default ->
          throw CriException.invalid(
              "a pod's user namespace is POD or NODE, not "
                  + (asked.getMode() == NamespaceMode.UNRECOGNIZED
                      ? asked.getModeValue()
                      : asked.getMode()));
    }
  }

  private static void check(String kind, List<IDMapping> mappings) {
    if (mappings.size() != 1) {
      throw CriException.invalid(
          "a pod's user namespace takes exactly one %s id mapping, not %d"
              .formatted(kind, mappings.size()));
    }
    if (mappings.get(0).getContainerId() != 0) {
      throw CriException.invalid(
          "a pod's user namespace must map %s 0; its mapping begins at %d"
              .formatted(kind, mappings.get(0).getContainerId()));
    }
    try {
      range(mappings.get(0));
    } catch (IllegalArgumentException e) {
      throw CriException.invalid("a pod's user namespace: " + kind + " " + e.getMessage());
    }
  }

  /** Lengths and ids of the CRI are unsigned. */
  private static IdRange range(IDMapping mapping) {
    return new IdRange(
        Integer.toUnsignedLong(mapping.getContainerId()),
        Integer.toUnsignedLong(mapping.getHostId()),
        Integer.toUnsignedLong(mapping.getLength()));
  }

  /** The host's id of the pod's root. */
  public int rootUid() {
    return (int) uids.outside();
  }

  /** The host's id of the group of the pod's root. */
  public int rootGid() {
    return (int) gids.outside();
  }
}
