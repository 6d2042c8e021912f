package io.gantry.cri.networks;

import io.gantry.cri.build.StepNetworks;
import io.gantry.cri.names.NameServers;
import io.gantry.proto.v1.ConnectRequest;
import java.io.IOException;

/** The networks, as steps of builds are connected to them. */
record BuildNetworks(NamedNetworks networks, Connections connections) implements StepNetworks {

  @Override
  public void check(String network) throws IOException {
    networks.find(network);
  }

  @Override
  public String connect(String network, String podId) throws IOException, InterruptedException {
    connections.connect(
        ConnectRequest.newBuilder().setNetwork(network).setPodSandboxId(podId).build());
    return NameServers.ADDRESS;
  }
}
