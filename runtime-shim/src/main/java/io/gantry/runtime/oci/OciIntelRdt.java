package io.gantry.runtime.oci;

import java.util.List;
import java.util.Optional;

/** Cache and memory bandwidth allocation of Intel processors; carried, not applied. */
public record OciIntelRdt(
    Optional<String> closId,
    List<String> schemata,
    Optional<String> l3CacheSchema,
    Optional<String> memBwSchema,
    boolean enableMonitoring) {

  public OciIntelRdt {
    schemata = List.copyOf(schemata);
  }
}
