package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.network.Members;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import java.io.IOException;
import java.util.Optional;

/**
 * The engine's containers as members of networks. What a container is connected to is in its
 * record, by which each of its starts connects it again.
 */
final class ContainerMembers implements Members {
  private final ContainerRecords records;
  private final Networking networking;

  ContainerMembers(ContainerRecords records, Networking networking) {
    this.records = records;
    this.networking = networking;
  }

  @Override
  public Optional<Member> ofPod(String podId) {
    return records.all().stream()
        .filter(container -> container.podId().equals(podId))
        .findFirst()
        .map(ContainerMembers::member);
  }

  @Override
  public Member connect(String reference, String network, ObjectNode settings)
      throws EngineException, IOException {
    DockerContainer container = records.get(reference);
    container.lock().lock();
    try {
      requireNetworkOfItsOwn(container, network);
      ObjectNode networks = container.networks();
      if (networks.has(network)) {
        throw EngineException.forbidden(
            "endpoint with name %s already exists in network %s"
                .formatted(container.name(), network));
      }
      Creation.add(networks, network, settings);
      if (container.status().isRunning()) {
        networking.join(container, network, (ObjectNode) networks.get(network));
      }
      container.setNetworks(networks);
      records.write(container);
      return member(container);
    } finally {
      container.lock().unlock();
    }
  }

  @Override
  public Member disconnect(String reference, String network, boolean force)
      throws EngineException, IOException {
    DockerContainer container = records.get(reference);
    container.lock().lock();
    try {
      requireNetworkOfItsOwn(container, network);
      ObjectNode networks = container.networks();
      if (!networks.has(network)) {
        throw EngineException.forbidden(
            "container %s is not connected to network %s".formatted(container.id(), network));
      }
      if (container.status().isRunning()) {
        networking.leave(container, network);
      }
      networks.remove(network);
      container.setNetworks(networks);
      records.write(container);
      return member(container);
    } finally {
      container.lock().unlock();
    }
  }

  private static void requireNetworkOfItsOwn(DockerContainer container, String network)
      throws EngineException {
    NetworkMode mode = NetworkMode.of(container.config(), container.hostConfig());
    if (!mode.isNetwork()) {
      throw EngineException.forbidden(
          "container %s has the network mode %s and cannot be connected to or disconnected from %s"
              .formatted(container.name(), mode.name(), network));
    }
  }

  private static Member member(DockerContainer container) {
    return new Member(container.id(), container.name());
  }
}
