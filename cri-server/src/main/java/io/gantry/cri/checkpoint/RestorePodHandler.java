package io.gantry.cri.checkpoint;

import io.gantry.cri.checkpoint.PodManifest.Saved;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.RestorePodRequest;
import io.gantry.proto.cri.v1.RestorePodResponse;
import io.gantry.proto.cri.v1.RestoredContainer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** RestorePod: makes a pod and its containers, not started, out of a checkpoint. */
public final class RestorePodHandler implements Handler<RestorePodRequest, RestorePodResponse> {
  private final PodRestorations restorations;
  private final Containers containers;
  private final Images images;
  private final Criu criu;

  public RestorePodHandler(
      PodRestorations restorations, Containers containers, Images images, Criu criu) {
    this.restorations = restorations;
    this.containers = containers;
    this.images = images;
    this.criu = criu;
  }

  @Override
  public RestorePodResponse handle(RestorePodRequest request) throws Exception {
    String asked = "restore pod " + request.getConfig().getMetadata().getName();
    TimeLimit limit = TimeLimit.ofCaller(asked);
    PodOptions.requireNone(asked, request.getOptionsMap());
    Set<String> names = names(asked, request);
    Path directory = PodOptions.directory("checkpoint_path", request.getCheckpointPath());
    criu.require();
    PodManifest manifest = new PodArchive(directory).read();
    for (Saved saved : manifest.containers()) {
      if (!names.contains(saved.name())) {
        throw CriException.invalid(
            "%s: container %s of the checkpoint is not configured".formatted(asked, saved.name()));
      }
    }
    for (ContainerConfig config : request.getContainerConfigsList()) {
      requireFit(asked, manifest, config);
    }
    return answer(restorations.restore(request, directory, manifest, limit));
  }

  private static Set<String> names(String asked, RestorePodRequest request) {
    Set<String> names = new HashSet<>();
    for (ContainerConfig config : request.getContainerConfigsList()) {
      String name = config.getMetadata().getName();
      if (name.isEmpty() || !names.add(name)) {
        throw CriException.invalid(
            asked + ": container configurations need names of their own, not \"" + name + "\"");
      }
    }
    if (names.isEmpty()) {
      throw CriException.invalid(asked + ": no containers are configured");
    }
    return names;
  }

  private void requireFit(String asked, PodManifest manifest, ContainerConfig config) {
    String what = asked + ": container " + config.getMetadata().getName();
    Saved saved =
        manifest
            .find(config.getMetadata().getName())
            .orElseThrow(() -> CriException.invalid(what + " is not in the checkpoint"));
    Optional<String> difference = ExpectedProcess.difference(saved.config(), config);
    if (difference.isPresent()) {
      throw CriException.wrongState(
          what + ": " + difference.get() + " is not what it was when it was saved");
    }
    String name = config.getImage().getImage();
    Optional<ImageRecord> image = images.find(name);
    if (image.isPresent() && !image.get().id().toString().equals(saved.imageId())) {
      throw CriException.wrongState(
          "%s: image \"%s\" is %s, and it was made from %s"
              .formatted(what, name, image.get().id(), saved.imageId()));
    }
  }

  private RestorePodResponse answer(String podId) {
    RestorePodResponse.Builder answer = RestorePodResponse.newBuilder().setPodSandboxId(podId);
    for (Container container : containers.inPod(podId)) {
      answer.addRestoredContainers(
          RestoredContainer.newBuilder()
              .setName(container.record().config().getMetadata().getName())
              .setContainerId(container.id()));
    }
    return answer.build();
  }
}
