package io.gantry.cri.checkpoint;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.util.List;
import java.util.Optional;

/**
 * What a pod's checkpoint says of itself.
 *
 * @param podId of the pod that was saved
 * @param config what that pod was made from
 * @param sharedMemory whether its /dev/shm was saved
 */
record PodManifest(
    String podId, PodSandboxConfig config, boolean sharedMemory, List<Saved> containers) {
  PodManifest {
    containers = List.copyOf(containers);
  }

  /**
   * A container that was saved.
   *
   * @param id by which its directory is called
   * @param imageId of the image that it was made from
   * @param config what it was made from
   */
  record Saved(String id, String imageId, ContainerConfig config) {
    String name() {
      return config.getMetadata().getName();
    }
  }

  Optional<Saved> find(String name) {
    return containers.stream().filter(saved -> saved.name().equals(name)).findFirst();
  }
}
