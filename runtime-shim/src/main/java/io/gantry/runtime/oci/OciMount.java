package io.gantry.runtime.oci;

import java.util.List;
import java.util.Optional;

/**
 * A mount inside the container.
 *
 * @param destination absolute path inside the container
 * @param type a filesystem type; absent for binds
 * @param source a path on the host for binds, else what the filesystem takes
 * @param options names of config.md's table, propagation names, and the filesystem's own options
 */
public record OciMount(
    String destination,
    Optional<String> type,
    Optional<String> source,
    List<String> options,
    List<OciIdMapping> uidMappings,
    List<OciIdMapping> gidMappings) {

  public OciMount {
    options = List.copyOf(options);
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
  }

  /** A mount without id mappings. */
  public static OciMount of(String destination, String type, String source, List<String> options) {
    return new OciMount(
        destination, Optional.of(type), Optional.of(source), options, List.of(), List.of());
  }
}
