package io.gantry.cri.networks;

import io.gantry.cri.build.StepNetworks;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.cni.PluginChains;
import io.gantry.cri.config.Config;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.names.MachineServers;
import io.gantry.cri.names.NameServers;
import io.gantry.cri.pod.PodConnections;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.v1.DisconnectResponse;
import io.gantry.proto.v1.ListNetworksResponse;
import io.gantry.proto.v1.NetworksGrpc;
import io.gantry.proto.v1.RemoveNetworkResponse;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about networks that have names, put together. */
public final class NetworkService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NetworkService.class);

  private final NetworkTable table;
  private final NamedNetworks networks;
  private final Connections connections;
  private final NetworkMessages messages;
  private final HostPorts ports = new HostPorts();
  private final NameServers names;

  private NetworkService(
      Config config, Linux linux, Networks ofNode, Pods pods, Clock clock, FaultPoints faults)
      throws IOException {
    String prefix = config.networks().interfacePrefix();
    table = NetworkTable.open(config.paths().networks(), faults);
    NetworkPlans plans =
        new NetworkPlans(
            new FreeSubnets(config.networks().pools(), linux.network(), table),
            linux.network(),
            table,
            prefix,
            clock);
    networks =
        new NamedNetworks(
            table, plans, linux.network(), new Firewall(FirewallRules.named(prefix)), faults);
    names = new NameServers(linux, new MachineServers(Path.of("/etc/resolv.conf")));
    connections =
        new Connections(
            pods,
            table,
            networks,
            new EndpointPlans(table, plans, new PluginLists(prefix), ports, pods, ofNode),
            new PluginChains(config.cni()),
            ports,
            new DefaultRoutes(linux, table, ofNode),
            names,
            linux.network(),
            faults);
    messages = new NetworkMessages(table);
  }

  /**
   * Opens networks with what earlier daemons left; {@link #recover} deals with it.
   *
   * @param ofNode the network that pods get without asking
   */
  public static NetworkService open(
      Config config, Linux linux, Networks ofNode, Pods pods, Clock clock, FaultPoints faults)
      throws IOException {
    return new NetworkService(config, linux, ofNode, pods, clock, faults);
  }

  /** What pods' ends are told to. */
  public PodConnections ofPods() {
    return connections;
  }

  /** The networks, for the steps of builds. */
  public StepNetworks ofBuilds() {
    return new BuildNetworks(networks, connections);
  }

  /** Brings what earlier daemons left in line with the kernel, after pods are. */
  public void recover() throws InterruptedException {
    connections.recover();
    try {
      networks.recover();
    } catch (IOException | RuntimeException e) {
      // A machine that lost its iptables, say: all else is to be served.
      log.atWarn().addKeyValue("error", e.getMessage()).log("networks could not be recovered");
    }
  }

  /** Registers the handlers of all RPCs. */
  public void register(RpcService service) {
    service
        .handle(NetworksGrpc.getCreateMethod(), request -> messages.of(networks.create(request)))
        .handle(
            NetworksGrpc.getInspectMethod(),
            request -> messages.of(networks.find(request.getNetwork())))
        .handle(
            NetworksGrpc.getListMethod(),
            request ->
                ListNetworksResponse.newBuilder()
                    .addAllNetworks(table.networks().stream().map(messages::of).toList())
                    .build())
        .handle(
            NetworksGrpc.getRemoveMethod(),
            request -> {
              networks.remove(request.getNetwork());
              return RemoveNetworkResponse.getDefaultInstance();
            })
        .handle(
            NetworksGrpc.getConnectMethod(),
            request -> {
              NetworkEndpoint endpoint = connections.connect(request);
              return messages.of(endpoint, table.byId(endpoint.networkId()).orElseThrow());
            })
        .handle(
            NetworksGrpc.getDisconnectMethod(),
            request -> {
              connections.disconnect(request.getNetwork(), request.getPodSandboxId());
              return DisconnectResponse.getDefaultInstance();
            });
  }

  /** Pods keep their networks; only names are answered by the next daemon. */
  @Override
  public void close() {
    names.close();
    ports.close();
  }
}
