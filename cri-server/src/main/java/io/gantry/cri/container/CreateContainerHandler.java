package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.CreateContainerResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CreateContainer. The same request while an earlier one is at work, or after it has made the
 * container, gets that one's answer: a kubelet whose call timed out asks again, and must not find
 * its own container in the way.
 */
public final class CreateContainerHandler
    implements Handler<CreateContainerRequest, CreateContainerResponse> {
  private final Pods pods;
  private final Containers containers;
  private final ContainerMaker maker;
  private final Map<ContainerName, Work> atWork = new ConcurrentHashMap<>();

  private record Work(ContainerConfig config, CompletableFuture<String> id) {}

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
    if (config.getImage().getImage().isEmpty()) {
      throw CriException.invalid(
          "container " + config.getMetadata().getName() + ": no image is named");
    }
    try (Pods.Hold hold = pods.hold(request.getPodSandboxId())) {
      return CreateContainerResponse.newBuilder().setContainerId(create(hold, config)).build();
    }
  }

  private String create(Pods.Hold hold, ContainerConfig config) throws Exception {
    ContainerName name =
        new ContainerName(
            hold.pod().id(), config.getMetadata().getName(), config.getMetadata().getAttempt());
    Work mine = new Work(config, new CompletableFuture<>());
    Work first = atWork.putIfAbsent(name, mine);
    if (first != null) {
      return join(name, config, first);
    }
    try {
      Optional<Container> existing = holder(name);
      String id =
          existing.isPresent()
              ? sameContainer(name, config, existing.get())
              : maker.make(hold.pod(), config).id();
      mine.id.complete(id);
      return id;
    } catch (Exception | Error failed) {
      mine.id.completeExceptionally(failed);
      throw failed;
    } finally {
      atWork.remove(name);
    }
  }

  private static String join(ContainerName name, ContainerConfig config, Work work)
      throws Exception {
    if (!work.config.equals(config)) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "container " + name + " is being created from another configuration");
    }
    try {
      return work.id.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Optional<Container> holder(ContainerName name) {
    return containers.inPod(name.podId()).stream()
        .filter(container -> container.record().name().equals(name))
        .findFirst();
  }

  private static String sameContainer(
      ContainerName name, ContainerConfig config, Container existing) {
    boolean same =
        existing.state() instanceof State.Created && existing.record().config().equals(config);
    if (!same) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "the name of container " + name + " is held by container " + existing.id());
    }
    return existing.id();
  }
}
