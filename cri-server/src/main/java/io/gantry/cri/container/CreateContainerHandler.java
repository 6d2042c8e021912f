package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.InFlight;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.CreateContainerResponse;
import java.io.IOException;
import java.util.Optional;

/**
 * CreateContainer. The same request while an earlier one is at work gets that one's answer, and so
 * does one that comes after it while the container is not started: a kubelet whose call timed out
 * asks again, and must not find its own container in the way.
 */
public final class CreateContainerHandler
    implements Handler<CreateContainerRequest, CreateContainerResponse> {
  private final Pods pods;
  private final Containers containers;
  private final ContainerMaker maker;
  private final InFlight<ContainerName, ContainerConfig> atWork = new InFlight<>("container");

  CreateContainerHandler(Pods pods, Containers containers, ContainerMaker maker) {
    this.pods = pods;
    this.containers = containers;
    this.maker = maker;
  }

  @Override
  public CreateContainerResponse handle(CreateContainerRequest request) throws Exception {
    ContainerConfig config = request.getConfig();
    if (config.getMetadata().getName().isEmpty()) {
      throw CriException.invalid("container without metadata.name");
    }
    // A layer brings its image along, and may stand on none.
    if (config.getImage().getImage().isEmpty() && WritableLayers.keyIn(config).isEmpty()) {
      throw CriException.invalid(
          "container " + config.getMetadata().getName() + ": no image is named");
    }
    try (Pods.Hold hold = pods.hold(request.getPodSandboxId())) {
      return CreateContainerResponse.newBuilder().setContainerId(create(hold, config)).build();
    }
  }

  private String create(Pods.Hold hold, ContainerConfig config)
      throws IOException, InterruptedException {
    ContainerName name =
        new ContainerName(
            hold.pod().id(), config.getMetadata().getName(), config.getMetadata().getAttempt());
    return atWork.run(
        name,
        config,
        () -> {
          Optional<Container> existing = named(name);
          return existing.isPresent()
              ? repeated(name, existing.get(), config)
              : maker.make(hold.pod(), config).id();
        });
  }

  private Optional<Container> named(ContainerName name) {
    return containers.inPod(name.podId()).stream()
        .filter(container -> container.record().name().equals(name))
        .findFirst();
  }

  private String repeated(ContainerName name, Container container, ContainerConfig config)
      throws IOException {
    boolean same =
        ProtoJson.print(container.record().config())
            .equals(ProtoJson.print(maker.asRecorded(config)));
    if (!same) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "container %s exists already as %s, made from another configuration"
              .formatted(name, container.id()));
    }
    // Whoever started it has had the answer.
    if (!(container.state() instanceof State.Created)) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "container %s exists already as %s, which is in state %s; remove it, or ask for the next attempt"
              .formatted(name, container.id(), container.state().name()));
    }
    return container.id();
  }
}
