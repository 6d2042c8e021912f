package io.gantry.runtime.oci;

import java.util.List;
import java.util.OptionalInt;

/**
 * Who a process runs as, by the ids seen inside the container.
 *
 * @param uid unsigned 32 bits
 * @param gid unsigned 32 bits
 * @param umask permission bits to clear; absent means 0022
 * @param additionalGids supplementary groups, all of them; each unsigned 32 bits
 */
public record OciUser(long uid, long gid, OptionalInt umask, List<Long> additionalGids) {
  public static final OciUser ROOT = new OciUser(0, 0, OptionalInt.empty(), List.of());

  public OciUser {
    additionalGids = List.copyOf(additionalGids);
  }
}
