package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.PortMapping;
import io.gantry.proto.v1.ConnectRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds a pod its place in a network: interface, addresses, ports; and records it. */
final class EndpointPlans {
  private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");
  private static final int MAX_NAME = 255;

  private final NetworkTable table;
  private final NetworkPlans ids;
  private final PluginLists plugins;
  private final HostPorts ports;
  private final Pods pods;
  private final Networks ofNode;

  EndpointPlans(
      NetworkTable table,
      NetworkPlans ids,
      PluginLists plugins,
      HostPorts ports,
      Pods pods,
      Networks ofNode) {
    this.table = table;
    this.ids = ids;
    this.plugins = plugins;
    this.ports = ports;
    this.pods = pods;
    this.ofNode = ofNode;
  }

  /**
   * Chooses and records a place whose interface is still to be made.
   *
   * @throws CriException for what cannot be had
   */
  NetworkEndpoint record(ConnectRequest request, String networkId, Pod pod) throws IOException {
    Path namespace =
        pod.paths()
            .networkNamespace()
            .orElseThrow(
                () ->
                    CriException.wrongState(
                        "pod %s has the host's network, and cannot be connected to another"
                            .formatted(pod.id())));
    check(request);
    synchronized (table) {
      NamedNetwork network =
          table
              .byId(networkId)
              .filter(any -> any.stage() != NamedNetwork.Stage.LEAVING)
              .orElseThrow(
                  () -> CriException.notFound("network " + request.getNetwork() + " not found"));
      if (table.endpoint(networkId, pod.id()).isPresent()) {
        throw new CriException(
            Failure.ALREADY_EXISTS,
            "pod %s is connected to network %s already".formatted(pod.id(), network.name()));
      }
      if (network.internal() && request.getPortsCount() > 0) {
        throw CriException.invalid(
            "network %s is internal: ports cannot be published in it".formatted(network.name()));
      }
      Optional<InetAddress> ipv4 =
          address(network, network.ipv4Plan(), request.getIpv4Address(), "IPv4");
      Optional<InetAddress> ipv6 =
          address(network, network.ipv6Plan(), request.getIpv6Address(), "IPv6");
      List<HostPort> wanted = request.getPortsList().stream().map(HostPort::of).toList();
      wanted.forEach(port -> checkFamily(port, ipv4, ipv6));
      String id = ids.id();
      List<HostPort> found = ports.take(id, wanted, this::holder);
      NetworkEndpoint endpoint =
          new NetworkEndpoint(
              id,
              networkId,
              pod.id(),
              namespace,
              Interfaces.free(interfaces(pod.id())),
              request.getNamesList(),
              request.getOwnNamesMap(),
              request.getDnsServersList(),
              ipv4,
              ipv6,
              found,
              plugins.of(network, ipv4, ipv6, macAddress(request, ipv4.or(() -> ipv6)), found),
              PluginLists.capabilities(found),
              new NetworkEndpoint.Stage.Making());
      try {
        table.add(endpoint);
      } catch (IOException | RuntimeException e) {
        ports.release(id);
        throw e;
      }
      return endpoint;
    }
  }

  /**
   * The one that is wanted, or one that is the address's. A pod that follows another at its address
   * is reached at once then: neighbours, the machine above all, remember for half a minute whose it
   * was, and send what is for it to nobody (arp(7)).
   */
  private static String macAddress(ConnectRequest request, Optional<InetAddress> address) {
    if (!request.getMacAddress().isEmpty() || address.isEmpty()) {
      return request.getMacAddress();
    }
    byte[] bytes = address.get().getAddress();
    int last = bytes.length - 4;
    return "02:42:%02x:%02x:%02x:%02x"
        .formatted(bytes[last], bytes[last + 1], bytes[last + 2], bytes[last + 3]);
  }

  private static void check(ConnectRequest request) {
    if (!request.getMacAddress().isEmpty() && !MAC.matcher(request.getMacAddress()).matches()) {
      throw CriException.invalid(
          "\"%s\" is no MAC address such as 02:42:ac:11:00:02".formatted(request.getMacAddress()));
    }
    for (String server : request.getDnsServersList()) {
      if (!InetAddresses.isInetAddress(server)) {
        throw CriException.invalid("DNS server \"%s\" is no IP address".formatted(server));
      }
    }
    for (Collection<String> names :
        List.of(request.getNamesList(), request.getOwnNamesMap().keySet())) {
      for (String name : names) {
        if (name.isEmpty()
            || name.length() > MAX_NAME
            || name.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
          throw CriException.invalid("\"%s\" cannot be a name in a network".formatted(name));
        }
      }
    }
  }

  private Optional<InetAddress> address(
      NamedNetwork network, Optional<SubnetPlan> plan, String wanted, String family) {
    if (plan.isEmpty()) {
      if (!wanted.isEmpty()) {
        throw CriException.invalid(
            "address %s: network %s has no %s".formatted(wanted, network.name(), family));
      }
      return Optional.empty();
    }
    Set<InetAddress> taken = taken(network);
    if (wanted.isEmpty()) {
      return Optional.of(
          plan.get()
              .free(taken)
              .orElseThrow(
                  () ->
                      new CriException(
                          Failure.EXHAUSTED,
                          "no available %s addresses in network %s, subnet %s"
                              .formatted(family, network.name(), plan.get().subnet()))));
    }
    if (!InetAddresses.isInetAddress(wanted)
        || !plan.get().isUsable(InetAddresses.forString(wanted))) {
      throw CriException.invalid(
          "address %s is none that a pod can have in network %s, subnet %s"
              .formatted(wanted, network.name(), plan.get().subnet()));
    }
    InetAddress address = InetAddresses.forString(wanted);
    if (taken.contains(address)) {
      throw CriException.wrongState(
          "Address already in use: %s in network %s".formatted(wanted, network.name()));
    }
    return Optional.of(address);
  }

  private Set<InetAddress> taken(NamedNetwork network) {
    return table.inNetwork(network.id()).stream()
        .flatMap(endpoint -> java.util.stream.Stream.of(endpoint.ipv4(), endpoint.ipv6()))
        .flatMap(Optional::stream)
        .collect(Collectors.toSet());
  }

  private static void checkFamily(
      HostPort port, Optional<InetAddress> ipv4, Optional<InetAddress> ipv6) {
    if (port.hostIp().isEmpty()) {
      return;
    }
    boolean isIpv4 = port.hostIp().get() instanceof java.net.Inet4Address;
    if (isIpv4 ? ipv4.isEmpty() : ipv6.isEmpty()) {
      throw CriException.invalid(
          "host address %s cannot lead to a pod without an address of its family"
              .formatted(port.hostIp().get().getHostAddress()));
    }
  }

  private List<String> interfaces(String podId) {
    List<String> taken = new ArrayList<>();
    table.ofPod(podId).forEach(endpoint -> taken.add(endpoint.interfaceName()));
    if (ofNode.attachedPods().contains(podId)) {
      taken.add(Interfaces.PREFIX + "0");
    }
    return taken;
  }

  /** Who has a port of the machine, as far as it is a pod. */
  private Optional<String> holder(HostPort port) {
    for (NetworkEndpoint endpoint : table.endpoints()) {
      if (endpoint.ports().stream().anyMatch(port::collidesWith)) {
        String names = endpoint.names().isEmpty() ? "" : " (" + endpoint.names().get(0) + ")";
        return Optional.of("pod " + endpoint.podId() + names);
      }
    }
    for (Pod pod : pods.list()) {
      for (PortMapping mapping : pod.config().getPortMappingsList()) {
        if (pod.isReady()
            && mapping.getHostPort() == port.hostPort()
            && mapping.getProtocol().name().equalsIgnoreCase(port.protocol().toString())) {
          return Optional.of("pod " + pod.id() + " (" + pod.config().getMetadata().getName() + ")");
        }
      }
    }
    return Optional.empty();
  }
}
