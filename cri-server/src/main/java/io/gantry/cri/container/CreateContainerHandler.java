package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.CreateContainerResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CreateContainer. The same request while an earlier one is at work gets that one's answer: a
 * kubelet whose call timed out asks again, and must not find its own container in the way. Once it
 * is made, the container is listed, and its name is taken.
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
      refuseTaken(name);
      String id = maker.make(hold.pod(), config).id();
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

  private void refuseTaken(ContainerName name) {
    for (Container other : containers.inPod(name.podId())) {
      if (other.record().name().equals(name)) {
        throw new CriException(
            Failure.ALREADY_EXISTS,
            "the name of container " + name + " is held by container " + other.id());
      }
    }
  }
}
