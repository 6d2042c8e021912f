package io.gantry.cri.pod;

import java.io.IOException;

/**
 * The containers of pods, as far as a pod's end concerns them. Called while the pod is held
 * exclusively: no container is being created in it, and implementations must not call {@link
 * Pods#hold}.
 */
public interface PodContainers {
  /**
   * Kills every container of the pod at once and waits until their processes are gone. Does nothing
   * where none runs.
   *
   * @throws IOException if one may still run; stopping the pod fails and is tried again
   */
  void stopAll(String podId) throws IOException, InterruptedException;

  /**
   * Removes every container of the pod, stopped before, with its record and all its traces.
   *
   * @throws IOException if something of one is left; removing the pod fails and is tried again
   */
  void removeAll(String podId) throws IOException, InterruptedException;
}
