package io.gantry.cri.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.Striped;
import io.gantry.cri.cni.CniResult;
import io.gantry.cri.cni.PluginChains;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.names.NameServers;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodConnections;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.v1.ConnectRequest;
import io.gantry.runtime.linux.Network;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects pods to networks and disconnects them. What is about to be made is recorded before, and
 * taken back by the next daemon where this one dies. Thread-safe: one thing at a time is done to
 * each pod.
 */
final class Connections implements PodConnections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);
  private static final int STRIPES = 64;

  private final Pods pods;
  private final NetworkTable table;
  private final NamedNetworks networks;
  private final EndpointPlans plans;
  private final PluginChains plugins;
  private final HostPorts ports;
  private final DefaultRoutes routes;
  private final NameServers names;
  private final Network machine;
  private final FaultPoints faults;
  private final Striped<Lock> podLocks = Striped.lock(STRIPES);

  Connections(
      Pods pods,
      NetworkTable table,
      NamedNetworks networks,
      EndpointPlans plans,
      PluginChains plugins,
      HostPorts ports,
      DefaultRoutes routes,
      NameServers names,
      Network machine,
      FaultPoints faults) {
    this.pods = pods;
    this.table = table;
    this.networks = networks;
    this.plans = plans;
    this.plugins = plugins;
    this.ports = ports;
    this.routes = routes;
    this.names = names;
    this.machine = machine;
    this.faults = faults;
  }

  /**
   * Connects a pod. On failure nothing of it is left.
   *
   * @throws CriException as the service's description says
   */
  NetworkEndpoint connect(ConnectRequest request) throws IOException, InterruptedException {
    try (Pods.Hold hold = pods.hold(request.getPodSandboxId())) {
      Pod pod = hold.pod();
      Lock lock = podLocks.get(pod.id());
      lock.lockInterruptibly();
      try {
        return connect(request, pod);
      } finally {
        lock.unlock();
      }
    }
  }

  private NetworkEndpoint connect(ConnectRequest request, Pod pod)
      throws IOException, InterruptedException {
    NamedNetwork network = networks.find(request.getNetwork());
    NetworkEndpoint endpoint = plans.record(request, network.id(), pod);
    try {
      NetworkEndpoint connected = make(endpoint);
      log.atInfo()
          .addKeyValue("pod", pod.id())
          .addKeyValue("network", network.name())
          .addKeyValue("interface", connected.interfaceName())
          .addKeyValue("ip", connected.ipv4().map(ip -> ip.getHostAddress()).orElse(""))
          .log("pod connected");
      return connected;
    } catch (IOException | InterruptedException | RuntimeException e) {
      // The undoing must not be cut short by the interrupt that caused it.
      boolean interrupted = Thread.interrupted() || e instanceof InterruptedException;
      try {
        undo(endpoint);
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left); // The record stays: a later stop or daemon tries again.
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      throw e;
    }
  }

  private NetworkEndpoint make(NetworkEndpoint endpoint) throws IOException, InterruptedException {
    networks.raise(endpoint.networkId());
    CniResult result = plugins.add(endpoint.plugins(), endpoint.target(), endpoint.capabilities());
    faults.reach("endpoint's plugins run");
    NamedNetwork network = table.byId(endpoint.networkId()).orElseThrow();
    if (!network.choices().betweenPods()) {
      machine.isolatePort(hostSide(result.json(), network));
    }
    NetworkEndpoint connected =
        endpoint.with(
            new NetworkEndpoint.Stage.Connected(
                macAddress(result.json(), endpoint.interfaceName()), result.json()));
    routes.lead(connected.podId(), connected);
    faults.reach("endpoint's route made");
    names.open(endpoint.podId(), endpoint.namespace(), new PodZone(table, endpoint.podId()));
    table.put(connected);
    return connected;
  }

  /** The interface on the machine's side that leads to the pod: it is in no sandbox. */
  private static String hostSide(JsonNode result, NamedNetwork network) throws IOException {
    for (JsonNode made : result.path("interfaces")) {
      String name = made.path("name").asText();
      if (made.path("sandbox").asText().isEmpty() && !name.equals(network.bridge())) {
        return name;
      }
    }
    throw new IOException("the bridge plugin's result names no interface of the machine");
  }

  private static String macAddress(JsonNode result, String interfaceName) {
    for (JsonNode made : result.path("interfaces")) {
      if (!made.path("sandbox").asText().isEmpty()
          && made.path("name").asText().equals(interfaceName)) {
        return made.path("mac").asText();
      }
    }
    return "";
  }

  /** Disconnects a pod; does nothing if it is not connected. */
  Optional<NetworkEndpoint> disconnect(String asked, String podId)
      throws IOException, InterruptedException {
    NamedNetwork network = networks.find(asked);
    String id = pods.find(podId).map(Pod::id).orElse(podId);
    Lock lock = podLocks.get(id);
    lock.lockInterruptibly();
    try {
      Optional<NetworkEndpoint> endpoint = table.endpoint(network.id(), id);
      if (endpoint.isPresent()) {
        undo(endpoint.get());
        routes.settle(id);
        log.atInfo()
            .addKeyValue("pod", id)
            .addKeyValue("network", network.name())
            .log("pod disconnected");
      }
      return endpoint;
    } finally {
      lock.unlock();
    }
  }

  /** Leaves nothing of a pod's place in a network, made in full or in part. */
  private void undo(NetworkEndpoint endpoint) throws IOException, InterruptedException {
    NetworkEndpoint leaving = endpoint.with(new NetworkEndpoint.Stage.Leaving(endpoint.result()));
    table.put(leaving);
    boolean last =
        table.ofPod(endpoint.podId()).stream().allMatch(other -> other.id().equals(endpoint.id()));
    if (last) {
      names.close(endpoint.podId());
    }
    plugins.delete(
        endpoint.plugins(), endpoint.target(), endpoint.capabilities(), endpoint.result());
    faults.reach("endpoint's plugins undone");
    ports.release(endpoint.id());
    table.removeEndpoint(endpoint.id());
  }

  @Override
  public void endAll(String podId) throws IOException, InterruptedException {
    Lock lock = podLocks.get(podId);
    lock.lockInterruptibly();
    try {
      names.close(podId);
      IOException failure = null;
      for (NetworkEndpoint endpoint : table.ofPod(podId)) {
        try {
          undo(endpoint);
        } catch (IOException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<String> addresses(String podId) {
    return table.ofPod(podId).stream()
        .filter(NetworkEndpoint::isConnected)
        .flatMap(
            endpoint ->
                java.util.stream.Stream.of(endpoint.ipv4(), endpoint.ipv6())
                    .flatMap(Optional::stream))
        .map(com.google.common.net.InetAddresses::toAddrString)
        .toList();
  }

  /**
   * Brings what an earlier daemon left in line with the pods that are there. What cannot be is
   * logged, and left for a later stop or start.
   */
  void recover() throws InterruptedException {
    for (NetworkEndpoint endpoint : table.endpoints()) {
      try {
        boolean ready = pods.find(endpoint.podId()).filter(Pod::isReady).isPresent();
        if (endpoint.isConnected() && ready) {
          ports.takeAgain(endpoint.id(), endpoint.ports());
          names.open(endpoint.podId(), endpoint.namespace(), new PodZone(table, endpoint.podId()));
        } else {
          undo(endpoint);
          if (ready) {
            routes.settle(endpoint.podId());
          }
        }
      } catch (IOException | RuntimeException e) {
        log.atWarn()
            .addKeyValue("pod", endpoint.podId())
            .addKeyValue("endpoint", endpoint.id())
            .addKeyValue("error", e.getMessage())
            .log("a pod's place in a network could not be recovered");
      }
    }
  }
}
