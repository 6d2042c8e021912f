package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.Container;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ListContainersRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Containers that others have made by the CRI: a kubelet's. They are shown, and left alone. */
final class Strangers {
  private final Runtime runtime;

  Strangers(Runtime runtime) {
    this.runtime = runtime;
  }

  List<Container> all() {
    return runtime
        .pods()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList()
        .stream()
        .filter(container -> !container.containsLabels(PodPlan.ID_LABEL))
        .toList();
  }

  private Optional<Container> find(String reference) {
    return all().stream()
        .filter(
            container ->
                container.getId().equals(reference)
                    || reference.length() >= 6 && container.getId().startsWith(reference))
        .findFirst();
  }

  /**
   * Refuses to change one.
   *
   * @throws EngineException if that reference is one's
   */
  void protect(String reference) throws EngineException {
    Optional<Container> stranger = find(reference);
    if (stranger.isPresent()) {
      throw EngineException.forbidden(
          "container %s belongs to a pod of the kubelet (%s): it is not changed from here, use kubectl or crictl"
              .formatted(reference, stranger.get().getMetadata().getName()));
    }
  }

  ObjectNode summary(Container container) {
    ObjectNode view = Json.object();
    view.put("Id", container.getId());
    view.putArray("Names")
        .add(
            "/"
                + container.getMetadata().getName()
                + "_"
                + container.getPodSandboxId().substring(0, 12));
    String state = state(container.getState());
    view.put("Image", container.getImage().getImage())
        .put("ImageID", container.getImageRef())
        .put("Command", "")
        .put("Created", container.getCreatedAt() / 1_000_000_000)
        .put("State", state)
        .put("Status", state.equals("running") ? "Up" : state);
    view.set("Labels", Json.texts(container.getLabelsMap()));
    view.putArray("Ports");
    view.putArray("Mounts");
    view.putObject("HostConfig").put("NetworkMode", "default");
    view.putObject("NetworkSettings").putObject("Networks");
    return view;
  }

  Optional<ObjectNode> inspect(String reference) {
    Optional<Container> found = find(reference);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Optional<ContainerStatus> status = runtime.status(found.get().getId());
    return status.map(Strangers::view);
  }

  private static ObjectNode view(ContainerStatus status) {
    ObjectNode view = Json.object();
    view.put("Id", status.getId())
        .put("Name", "/" + status.getMetadata().getName())
        .put("Created", time(status.getCreatedAt()))
        .put("Image", status.getImageId())
        .put("LogPath", status.getLogPath());
    String state = state(status.getState());
    view.putObject("State")
        .put("Status", state)
        .put("Running", state.equals("running"))
        .put("ExitCode", status.getExitCode())
        .put("StartedAt", time(status.getStartedAt()))
        .put("FinishedAt", time(status.getFinishedAt()));
    ObjectNode config = view.putObject("Config");
    config.put("Image", status.getImage().getImage());
    config.set("Labels", Json.texts(status.getLabelsMap()));
    view.putObject("HostConfig");
    view.putObject("NetworkSettings").putObject("Networks");
    view.putArray("Mounts");
    return view;
  }

  private static String time(long nanos) {
    return Instant.ofEpochSecond(0, nanos).toString();
  }

  private static String state(ContainerState state) {
    return switch (state) {
      case CONTAINER_CREATED -> "created";
      case CONTAINER_RUNNING -> "running";
      default -> "exited";
    };
  }
}
