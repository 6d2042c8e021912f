package io.gantry.cri.networks;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A network as it stands at one moment.
 *
 * @param id 64 hexadecimal digits
 * @param subnets at most one of each family
 * @param internal whether it has no way out
 * @param options as they were asked for
 * @param bridge the interface that its pods are connected to
 * @param stage what there is of it in the kernel
 */
record NamedNetwork(
    String id,
    String name,
    List<SubnetPlan> subnets,
    boolean internal,
    boolean ipv6,
    Map<String, String> labels,
    Map<String, String> options,
    Instant createdAt,
    String bridge,
    Stage stage) {

  /** What there is of a network in the kernel. */
  enum Stage {
    /** Nothing: no pod has been connected yet. */
    PLANNED,
    /** A bridge and rules, or what was made of them. */
    RAISED,
    /** What is left of them. */
    LEAVING
  }

  NamedNetwork {
    subnets = List.copyOf(subnets);
    labels = Map.copyOf(labels);
    options = Map.copyOf(options);
  }

  NetworkOptions choices() {
    return NetworkOptions.of(options, ipv6);
  }

  Optional<SubnetPlan> ipv4Plan() {
    return subnets.stream().filter(plan -> plan.subnet().isIpv4()).findFirst();
  }

  Optional<SubnetPlan> ipv6Plan() {
    return subnets.stream().filter(plan -> !plan.subnet().isIpv4()).findFirst();
  }

  NamedNetwork with(Stage next) {
    return new NamedNetwork(
        id,
        name,
        subnets,
        internal,
        ipv6,
        new TreeMap<>(labels),
        new TreeMap<>(options),
        createdAt,
        bridge,
        next);
  }

  /** For messages. */
  @Override
  public String toString() {
    return "network " + name;
  }
}
