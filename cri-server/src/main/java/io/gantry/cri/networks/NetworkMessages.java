package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.names.NameServers;
import io.gantry.proto.v1.Endpoint;
import io.gantry.proto.v1.Network;
import io.gantry.proto.v1.Subnet;
import java.net.InetAddress;
import java.util.Optional;

/** Networks and places in them as callers see them. */
record NetworkMessages(NetworkTable table) {
  private static final String DRIVER = "bridge";

  Network of(NamedNetwork network) {
    var message =
        Network.newBuilder()
            .setId(network.id())
            .setName(network.name())
            .setDriver(DRIVER)
            .setInternal(network.internal())
            .setIpv6(network.ipv6())
            .putAllLabels(network.labels())
            .putAllOptions(network.options())
            .setCreatedAtNanos(
                network.createdAt().getEpochSecond() * 1_000_000_000L
                    + network.createdAt().getNano());
    for (SubnetPlan plan : network.subnets()) {
      message.addSubnets(
          Subnet.newBuilder()
              .setSubnet(plan.subnet().toString())
              .setGateway(InetAddresses.toAddrString(plan.gateway()))
              .setIpRange(plan.range().map(Cidr::toString).orElse("")));
    }
    table.inNetwork(network.id()).stream()
        .filter(NetworkEndpoint::isConnected)
        .forEach(endpoint -> message.addEndpoints(of(endpoint, network)));
    return message.build();
  }

  Endpoint of(NetworkEndpoint endpoint, NamedNetwork network) {
    var message =
        Endpoint.newBuilder()
            .setId(endpoint.id())
            .setNetworkId(network.id())
            .setNetworkName(network.name())
            .setPodSandboxId(endpoint.podId())
            .setInterfaceName(endpoint.interfaceName())
            .addAllNames(endpoint.names())
            .setDnsServer(NameServers.ADDRESS)
            .setIpv4Address(address(network.ipv4Plan(), endpoint.ipv4()))
            .setIpv6Address(address(network.ipv6Plan(), endpoint.ipv6()));
    if (endpoint.stage() instanceof NetworkEndpoint.Stage.Connected connected) {
      message.setMacAddress(connected.macAddress());
    }
    if (!network.internal()) {
      message.setIpv4Gateway(gateway(network.ipv4Plan(), endpoint.ipv4()));
      message.setIpv6Gateway(gateway(network.ipv6Plan(), endpoint.ipv6()));
    }
    endpoint.ports().forEach(port -> message.addPorts(port.toProto()));
    return message.build();
  }

  private static String address(Optional<SubnetPlan> plan, Optional<InetAddress> address) {
    return plan.flatMap(found -> address.map(found.subnet()::withPrefix)).orElse("");
  }

  private static String gateway(Optional<SubnetPlan> plan, Optional<InetAddress> address) {
    return plan.filter(found -> address.isPresent())
        .map(found -> InetAddresses.toAddrString(found.gateway()))
        .orElse("");
  }
}
