package io.gantry.cri.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Describes to plugins how a pod is connected: bridge makes the interface, static gives it the
 * addresses that were chosen here, portmap leads ports to them.
 *
 * @param interfacePrefix part of the networks' names, which the comments of rules have
 */
record PluginLists(String interfacePrefix) {
  private static final String CNI_VERSION = "1.0.0";

  /** The list of plugins. */
  JsonNode of(
      NamedNetwork network,
      Optional<InetAddress> ipv4,
      Optional<InetAddress> ipv6,
      String macAddress,
      List<HostPort> ports) {
    NetworkOptions choices = network.choices();
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("cniVersion", CNI_VERSION);
    list.put("name", interfacePrefix + "-" + network.id().substring(0, 12));
    ArrayNode plugins = list.putArray("plugins");
    ObjectNode bridge = plugins.addObject();
    bridge.put("type", "bridge");
    bridge.put("bridge", network.bridge());
    bridge.put("isGateway", true);
    // A pod that asks for its own published port gets its packets back over the same link.
    bridge.put("hairpinMode", !ports.isEmpty());
    choices.mtu().ifPresent(mtu -> bridge.put("mtu", mtu));
    if (!macAddress.isEmpty()) {
      bridge.putObject("args").putObject("cni").put("mac", macAddress);
    }
    ObjectNode ipam = bridge.putObject("ipam");
    ipam.put("type", "static");
    ArrayNode addresses = ipam.putArray("addresses");
    ipv4.ifPresent(ip -> address(addresses, network.ipv4Plan().orElseThrow(), ip));
    ipv6.ifPresent(ip -> address(addresses, network.ipv6Plan().orElseThrow(), ip));
    if (!ports.isEmpty()) {
      ObjectNode portmap = plugins.addObject();
      portmap.put("type", "portmap");
      portmap.put("snat", true);
      portmap.putObject("capabilities").put("portMappings", true);
    }
    return list;
  }

  private static void address(ArrayNode addresses, SubnetPlan plan, InetAddress ip) {
    ObjectNode address = addresses.addObject();
    address.put("address", plan.subnet().withPrefix(ip));
    address.put("gateway", InetAddresses.toAddrString(plan.gateway()));
  }

  /** What the plugins are offered. */
  static JsonNode capabilities(List<HostPort> ports) {
    ObjectNode capabilities = JsonNodeFactory.instance.objectNode();
    if (ports.isEmpty()) {
      return capabilities;
    }
    ArrayNode mappings = capabilities.putArray("portMappings");
    for (HostPort port : ports) {
      ObjectNode mapping = mappings.addObject();
      mapping.put("hostPort", port.hostPort());
      mapping.put("containerPort", port.containerPort());
      mapping.put("protocol", port.protocol().toString());
      port.hostIp().ifPresent(ip -> mapping.put("hostIP", InetAddresses.toAddrString(ip)));
    }
    return capabilities;
  }
}
