package io.gantry.cri.container;

import io.gantry.cri.shims.Tenant;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.cri.v1.Signal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A container as it stands at one moment; what is kept of it on disk.
 *
 * @param id 64 hexadecimal digits; also the name of its bundle
 * @param podId the pod it belongs to
 * @param runtimeHandler its pod's; "" is the default one
 * @param config as it was asked for
 * @param image the image it was made from
 * @param user as whom its program runs
 * @param stopSignal what asks it to end
 * @param logPath absent if nothing is logged
 * @param resources the limits in force
 * @param shimAddress where its shim listens; absent before it has one and after all it held was
 *     freed
 */
public record ContainerRecord(
    String id,
    String podId,
    String runtimeHandler,
    ContainerConfig config,
    ImageInUse image,
    LinuxContainerUser user,
    Signal stopSignal,
    Optional<Path> logPath,
    LinuxContainerResources resources,
    Instant createdAt,
    Optional<String> shimAddress,
    State state) {

  public ContainerRecord {
    Objects.requireNonNull(id);
    Objects.requireNonNull(podId);
    Objects.requireNonNull(runtimeHandler);
    Objects.requireNonNull(config);
    Objects.requireNonNull(image);
    Objects.requireNonNull(user);
    Objects.requireNonNull(stopSignal);
    Objects.requireNonNull(logPath);
    Objects.requireNonNull(resources);
    Objects.requireNonNull(createdAt);
    Objects.requireNonNull(shimAddress);
    Objects.requireNonNull(state);
  }

  /**
   * What a container's status tells of its image, also after the image was removed.
   *
   * @param id digest of the configuration
   * @param name a tag, if it has one, else what was asked for
   * @param reference a name with digest, if it has one, else the id
   */
  public record ImageInUse(String id, String name, String reference) {
    public ImageInUse {
      Objects.requireNonNull(id);
      Objects.requireNonNull(name);
      Objects.requireNonNull(reference);
    }
  }

  public ContainerRecord with(State newState) {
    return with(resources, shimAddress, newState);
  }

  /** Once it is known where its shim listens. */
  ContainerRecord withShim(String address) {
    return with(resources, Optional.of(address), state);
  }

  /** Without a shim: nothing of the container is left but its files. */
  public ContainerRecord withoutShim() {
    return with(resources, Optional.empty(), state);
  }

  ContainerRecord with(LinuxContainerResources newResources) {
    return with(newResources, shimAddress, state);
  }

  /** The three members that change in a container's life; the others are as at its creation. */
  private ContainerRecord with(
      LinuxContainerResources newResources, Optional<String> newShimAddress, State newState) {
    return new ContainerRecord(
        id,
        podId,
        runtimeHandler,
        config,
        image,
        user,
        stopSignal,
        logPath,
        newResources,
        createdAt,
        newShimAddress,
        newState);
  }

  /** The key of its file system among the image service's. */
  public String snapshotKey() {
    return WritableLayers.snapshotKey(id, config);
  }

  /** What its shim has to do with it. */
  public Tenant tenant() {
    return new Tenant(id, podId, runtimeHandler);
  }

  ContainerName name() {
    return new ContainerName(
        podId, config.getMetadata().getName(), config.getMetadata().getAttempt());
  }
}
