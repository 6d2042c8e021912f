package io.gantry.cri.networks;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.state.RecordStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All networks and all pods' places in them, in memory and on disk. Reading is safe from any
 * thread; who decides by what is there and then changes it holds the table's monitor.
 */
final class NetworkTable {
  private final RecordStore<NamedNetwork> networkRecords;
  private final RecordStore<NetworkEndpoint> endpointRecords;
  private final Map<String, NamedNetwork> networks = new ConcurrentHashMap<>();
  private final Map<String, NetworkEndpoint> endpoints = new ConcurrentHashMap<>();

  private NetworkTable(
      RecordStore<NamedNetwork> networkRecords, RecordStore<NetworkEndpoint> endpointRecords) {
    this.networkRecords = networkRecords;
    this.endpointRecords = endpointRecords;
  }

  /** Opens the table with what earlier daemons left. */
  static NetworkTable open(Path directory, FaultPoints faults) throws IOException {
    NetworkTable table =
        new NetworkTable(
            RecordStore.open(directory.resolve("records"), new NetworkRecords(), faults),
            RecordStore.open(directory.resolve("endpoints"), new EndpointRecords(), faults));
    table.networks.putAll(table.networkRecords.load());
    table.endpoints.putAll(table.endpointRecords.load());
    return table;
  }

  /** Every network that callers may see, oldest first. */
  List<NamedNetwork> networks() {
    return networks.values().stream()
        .filter(network -> network.stage() != NamedNetwork.Stage.LEAVING)
        .sorted(Comparator.comparing(NamedNetwork::createdAt).thenComparing(NamedNetwork::id))
        .toList();
  }

  /** Networks of which something is left that should not be. */
  List<NamedNetwork> leaving() {
    return networks.values().stream()
        .filter(network -> network.stage() == NamedNetwork.Stage.LEAVING)
        .toList();
  }

  Optional<NamedNetwork> byId(String id) {
    return Optional.ofNullable(networks.get(id));
  }

  Optional<NamedNetwork> byName(String name) {
    return networks().stream().filter(network -> network.name().equals(name)).findFirst();
  }

  /**
   * The network of this id or name, or the only one whose id begins so.
   *
   * @throws CriException NOT_FOUND, or INVALID_REQUEST if more than one could be meant
   */
  NamedNetwork find(String asked) {
    Optional<NamedNetwork> exact = byId(asked).or(() -> byName(asked));
    if (exact.isPresent()) {
      return exact.get();
    }
    List<NamedNetwork> matching =
        networks().stream()
            .filter(network -> !asked.isEmpty() && network.id().startsWith(asked))
            .toList();
    if (matching.size() > 1) {
      throw CriException.invalid(
          "network %s is ambiguous: %d ids begin so".formatted(asked, matching.size()));
    }
    if (matching.isEmpty()) {
      throw CriException.notFound("network " + asked + " not found");
    }
    return matching.get(0);
  }

  void add(NamedNetwork network) throws IOException {
    networkRecords.add(network.id(), network);
    networks.put(network.id(), network);
  }

  void put(NamedNetwork network) throws IOException {
    networkRecords.put(network.id(), network);
    networks.put(network.id(), network);
  }

  void removeNetwork(String id) throws IOException {
    networkRecords.remove(id);
    networks.remove(id);
  }

  List<NetworkEndpoint> endpoints() {
    return List.copyOf(endpoints.values());
  }

  List<NetworkEndpoint> inNetwork(String networkId) {
    return endpoints.values().stream()
        .filter(endpoint -> endpoint.networkId().equals(networkId))
        .toList();
  }

  /** A pod's places, in the order of its interfaces. */
  List<NetworkEndpoint> ofPod(String podId) {
    return endpoints.values().stream()
        .filter(endpoint -> endpoint.podId().equals(podId))
        .sorted(Comparator.comparing(NetworkEndpoint::interfaceNumber))
        .toList();
  }

  Optional<NetworkEndpoint> endpoint(String networkId, String podId) {
    return ofPod(podId).stream()
        .filter(endpoint -> endpoint.networkId().equals(networkId))
        .findFirst();
  }

  void add(NetworkEndpoint endpoint) throws IOException {
    endpointRecords.add(endpoint.id(), endpoint);
    endpoints.put(endpoint.id(), endpoint);
  }

  void put(NetworkEndpoint endpoint) throws IOException {
    endpointRecords.put(endpoint.id(), endpoint);
    endpoints.put(endpoint.id(), endpoint);
  }

  void removeEndpoint(String id) throws IOException {
    endpointRecords.remove(id);
    endpoints.remove(id);
  }
}
