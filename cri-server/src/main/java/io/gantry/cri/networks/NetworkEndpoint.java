package io.gantry.cri.networks;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.cri.cni.PluginChains;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod's place in a network as it stands at one moment.
 *
 * @param id 64 hexadecimal digits
 * @param namespace where the pod's network namespace is pinned
 * @param interfaceName in the pod
 * @param names by which others in the network find it
 * @param ownNames further names for this pod alone, to names or addresses
 * @param dnsServers asked for names that no network has; none for the machine's
 * @param plugins what connects it, as in a .conflist: it is needed to disconnect it, too
 * @param capabilities what the plugins are offered
 */
record NetworkEndpoint(
    String id,
    String networkId,
    String podId,
    Path namespace,
    String interfaceName,
    List<String> names,
    Map<String, String> ownNames,
    List<String> dnsServers,
    Optional<InetAddress> ipv4,
    Optional<InetAddress> ipv6,
    List<HostPort> ports,
    JsonNode plugins,
    JsonNode capabilities,
    Stage stage) {

  /** Where it stands in its life. */
  sealed interface Stage {
    /** Being made, or its making broke off. */
    record Making() implements Stage {}

    /**
     * In place.
     *
     * @param result the plugins'
     */
    record Connected(String macAddress, JsonNode result) implements Stage {}

    /**
     * Being taken apart.
     *
     * @param result the plugins', if they came to an end
     */
    record Leaving(Optional<JsonNode> result) implements Stage {}
  }

  NetworkEndpoint {
    names = List.copyOf(names);
    ownNames = Map.copyOf(ownNames);
    dnsServers = List.copyOf(dnsServers);
    ports = List.copyOf(ports);
  }

  NetworkEndpoint with(Stage next) {
    return new NetworkEndpoint(
        id,
        networkId,
        podId,
        namespace,
        interfaceName,
        names,
        ownNames,
        dnsServers,
        ipv4,
        ipv6,
        ports,
        plugins,
        capabilities,
        next);
  }

  boolean isConnected() {
    return stage instanceof Stage.Connected;
  }

  Optional<JsonNode> result() {
    if (stage instanceof Stage.Connected connected) {
      return Optional.of(connected.result());
    }
    return stage instanceof Stage.Leaving leaving ? leaving.result() : Optional.empty();
  }

  PluginChains.Target target() {
    return new PluginChains.Target(podId, namespace, interfaceName);
  }

  /** Place of the interface among the pod's: 0 for eth0. */
  int interfaceNumber() {
    return Integer.parseInt(interfaceName.substring(Interfaces.PREFIX.length()));
  }
}
