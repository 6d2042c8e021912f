package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.names.Zone;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The names that a pod knows: its own, and those of pods in the networks that it is in. */
record PodZone(NetworkTable table, String podId) implements Zone {
  private static final int DNS_PORT = 53;

  @Override
  public Optional<List<InetAddress>> addresses(String name) {
    Optional<String> own = ownName(name);
    if (own.isPresent() && InetAddresses.isInetAddress(own.get())) {
      return Optional.of(List.of(InetAddresses.forString(own.get())));
    }
    String wanted = own.orElse(name).toLowerCase(Locale.ROOT);
    List<InetAddress> addresses =
        reachable()
            .filter(endpoint -> isCalled(endpoint, wanted))
            .flatMap(endpoint -> Stream.of(endpoint.ipv4(), endpoint.ipv6()))
            .flatMap(Optional::stream)
            .distinct()
            .toList();
    return addresses.isEmpty() ? Optional.empty() : Optional.of(addresses);
  }

  private Optional<String> ownName(String name) {
    return mine().stream()
        .flatMap(endpoint -> endpoint.ownNames().entrySet().stream())
        .filter(own -> own.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** By a name of its own, or that with the network's behind it. */
  private boolean isCalled(NetworkEndpoint endpoint, String name) {
    String network =
        table
            .byId(endpoint.networkId())
            .map(found -> "." + found.name().toLowerCase(Locale.ROOT))
            .orElse("");
    return endpoint.names().stream()
        .map(own -> own.toLowerCase(Locale.ROOT))
        .anyMatch(own -> own.equals(name) || (own + network).equals(name));
  }

  @Override
  public Optional<String> nameOf(InetAddress address) {
    return reachable()
        .filter(endpoint -> !endpoint.names().isEmpty())
        .filter(
            endpoint ->
                endpoint.ipv4().filter(address::equals).isPresent()
                    || endpoint.ipv6().filter(address::equals).isPresent())
        .findFirst()
        .map(
            endpoint ->
                endpoint.names().get(0)
                    + table
                        .byId(endpoint.networkId())
                        .map(network -> "." + network.name())
                        .orElse(""));
  }

  @Override
  public List<InetSocketAddress> servers() {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (NetworkEndpoint endpoint : mine()) {
      for (String server : endpoint.dnsServers()) {
        servers.add(new InetSocketAddress(InetAddresses.forString(server), DNS_PORT));
      }
    }
    return servers.stream().distinct().toList();
  }

  @Override
  public boolean knowsTheWorld() {
    return mine().stream()
        .anyMatch(
            endpoint ->
                table
                    .byId(endpoint.networkId())
                    .filter(network -> !network.internal())
                    .isPresent());
  }

  private List<NetworkEndpoint> mine() {
    return table.ofPod(podId).stream().filter(NetworkEndpoint::isConnected).toList();
  }

  private Stream<NetworkEndpoint> reachable() {
    Set<String> networks =
        mine().stream().map(NetworkEndpoint::networkId).collect(Collectors.toSet());
    return table.endpoints().stream()
        .filter(endpoint -> endpoint.isConnected() && networks.contains(endpoint.networkId()));
  }
}
