package io.gantry.cri.networks;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Pods' ways to the world: by the network with a way out that a pod is in by its first interface. A
 * pod that the node's own network gave a way keeps that one.
 */
final class DefaultRoutes {
  private final Linux linux;
  private final NetworkTable table;
  private final io.gantry.cri.cni.Networks ofNode;

  DefaultRoutes(Linux linux, NetworkTable table, io.gantry.cri.cni.Networks ofNode) {
    this.linux = linux;
    this.table = table;
    this.ofNode = ofNode;
  }

  /** Leads a pod out by a network that it has just come to, if it has no other way. */
  void lead(String podId, NetworkEndpoint fresh) throws IOException {
    List<NetworkEndpoint> before =
        table.ofPod(podId).stream()
            .filter(endpoint -> endpoint.isConnected() && isWayOut(endpoint))
            .toList();
    if (isWayOut(fresh)) {
      if (before.stream().noneMatch(other -> other.ipv4().isPresent())) {
        route(fresh, NamedNetwork::ipv4Plan);
      }
      if (fresh.ipv6().isPresent() && before.stream().noneMatch(o -> o.ipv6().isPresent())) {
        route(fresh, NamedNetwork::ipv6Plan);
      }
    }
  }

  /** Leads a pod out by what is left after it was disconnected; a route that is there stays. */
  void settle(String podId) throws IOException {
    List<NetworkEndpoint> ways =
        table.ofPod(podId).stream()
            .filter(endpoint -> endpoint.isConnected() && isWayOut(endpoint))
            .toList();
    Optional<NetworkEndpoint> ipv4 = ways.stream().filter(e -> e.ipv4().isPresent()).findFirst();
    Optional<NetworkEndpoint> ipv6 = ways.stream().filter(e -> e.ipv6().isPresent()).findFirst();
    if (ipv4.isPresent()) {
      route(ipv4.get(), NamedNetwork::ipv4Plan);
    }
    if (ipv6.isPresent()) {
      route(ipv6.get(), NamedNetwork::ipv6Plan);
    }
  }

  private boolean isWayOut(NetworkEndpoint endpoint) {
    return !ofNode.attachedPods().contains(endpoint.podId())
        && table.byId(endpoint.networkId()).filter(network -> !network.internal()).isPresent();
  }

  private void route(
      NetworkEndpoint endpoint,
      java.util.function.Function<NamedNetwork, Optional<SubnetPlan>> family)
      throws IOException {
    Optional<InetAddress> gateway =
        table.byId(endpoint.networkId()).flatMap(family).map(SubnetPlan::gateway);
    if (gateway.isPresent()) {
      String pin = endpoint.namespace().toString();
      try (Fd namespace = linux.namespaces().open(pin, NamespaceKind.NETWORK)) {
        linux.network().addDefaultRoute(namespace, endpoint.interfaceName(), gateway.get());
      }
    }
  }
}
