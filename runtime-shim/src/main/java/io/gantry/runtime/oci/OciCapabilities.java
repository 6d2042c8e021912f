package io.gantry.runtime.oci;

import java.util.List;

/** The five capability sets of capabilities(7), by names such as CAP_NET_RAW. */
public record OciCapabilities(
    List<String> bounding,
    List<String> effective,
    List<String> inheritable,
    List<String> permitted,
    List<String> ambient) {

  public static final OciCapabilities NONE =
      new OciCapabilities(List.of(), List.of(), List.of(), List.of(), List.of());

  public OciCapabilities {
    bounding = List.copyOf(bounding);
    effective = List.copyOf(effective);
    inheritable = List.copyOf(inheritable);
    permitted = List.copyOf(permitted);
    ambient = List.copyOf(ambient);
  }
}
