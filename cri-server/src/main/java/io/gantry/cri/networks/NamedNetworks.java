package io.gantry.cri.networks;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.v1.CreateNetworkRequest;
import io.gantry.runtime.linux.Network;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes networks and removes them. A network is only a record until its first pod comes: then its
 * bridge and its rules are made. Thread-safe.
 */
final class NamedNetworks {
  /** The network that is there without being asked for. */
  static final String DEFAULT = "bridge";

  /** What Docker's users know by name and is no network here. */
  private static final Set<String> RESERVED = Set.of("host", "none", "default", "container");

  private static final Logger log = LoggerFactory.getLogger(NamedNetworks.class);

  private final NetworkTable table;
  private final NetworkPlans plans;
  private final Network machine;
  private final Firewall firewall;
  private final FaultPoints faults;

  NamedNetworks(
      NetworkTable table,
      NetworkPlans plans,
      Network machine,
      Firewall firewall,
      FaultPoints faults) {
    this.table = table;
    this.plans = plans;
    this.machine = machine;
    this.firewall = firewall;
    this.faults = faults;
  }

  NamedNetwork create(CreateNetworkRequest request) throws IOException {
    if (request.getName().equals(DEFAULT) || RESERVED.contains(request.getName())) {
      throw new CriException(
          io.gantry.cri.grpc.Failure.FORBIDDEN,
          "operation is not permitted on predefined %s network".formatted(request.getName()));
    }
    synchronized (table) {
      NamedNetwork network = plans.of(request);
      table.add(network);
      log.atInfo()
          .addKeyValue("network", network.name())
          .addKeyValue("id", network.id())
          .addKeyValue(
              "subnets", network.subnets().stream().map(p -> p.subnet().toString()).toList())
          .log("network created");
      return network;
    }
  }

  /** The network of this name or id; the default one comes to be by being asked for. */
  NamedNetwork find(String asked) throws IOException {
    if (asked.equals(DEFAULT)) {
      synchronized (table) {
        if (table.byName(DEFAULT).isEmpty()) {
          table.add(plans.ofDefault());
        }
      }
    }
    return table.find(asked);
  }

  /**
   * Removes a network.
   *
   * @throws CriException WRONG_STATE while pods are connected, FORBIDDEN for the default one
   */
  NamedNetwork remove(String asked) throws IOException, InterruptedException {
    synchronized (table) {
      NamedNetwork network = table.find(asked);
      if (network.name().equals(DEFAULT)) {
        throw new CriException(
            io.gantry.cri.grpc.Failure.FORBIDDEN,
            "%s is a pre-defined network and cannot be removed".formatted(DEFAULT));
      }
      List<NetworkEndpoint> connected = table.inNetwork(network.id());
      if (!connected.isEmpty()) {
        throw CriException.wrongState(
            "network %s has active endpoints: pod %s is connected, one of %d"
                .formatted(network.name(), connected.get(0).podId(), connected.size()));
      }
      if (network.stage() == NamedNetwork.Stage.RAISED) {
        NamedNetwork leaving = network.with(NamedNetwork.Stage.LEAVING);
        table.put(leaving);
        lower(leaving);
      } else {
        table.removeNetwork(network.id());
      }
      log.atInfo().addKeyValue("network", network.name()).log("network removed");
      return network;
    }
  }

  private void lower(NamedNetwork network) throws IOException, InterruptedException {
    firewall.keep(raised());
    faults.reach("network's rules removed");
    machine.removeBridge(network.bridge());
    faults.reach("network's bridge removed");
    table.removeNetwork(network.id());
  }

  /** Makes what a network is in the kernel, unless it is there. */
  void raise(String id) throws IOException, InterruptedException {
    synchronized (table) {
      NamedNetwork network =
          table.byId(id).orElseThrow(() -> CriException.notFound("network " + id + " not found"));
      boolean planned = network.stage() == NamedNetwork.Stage.PLANNED;
      if (planned) {
        if (machine.hasInterface(network.bridge())) {
          throw CriException.wrongState(
              "network %s: interface %s is there already, and not gantry's"
                  .formatted(network.name(), network.bridge()));
        }
        table.put(network.with(NamedNetwork.Stage.RAISED));
      }
      if (!machine.hasInterface(network.bridge())) {
        machine.createBridge(network.bridge());
        faults.reach("network's bridge made");
      }
      if (planned) {
        firewall.keep(raised());
        faults.reach("network's rules made");
      }
    }
  }

  /** Brings what an earlier daemon left in line with the records. */
  void recover() throws IOException, InterruptedException {
    synchronized (table) {
      for (NamedNetwork network : table.leaving()) {
        lower(network);
      }
      List<NamedNetwork> raised = raised();
      if (!raised.isEmpty()) {
        firewall.keep(raised);
      }
    }
  }

  private List<NamedNetwork> raised() {
    return table.networks().stream()
        .filter(network -> network.stage() == NamedNetwork.Stage.RAISED)
        .toList();
  }
}
