package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.LinuxContainerResources;
import java.io.IOException;

/**
 * Asked and told about pods by those who want a say in them. Called with the pod held exclusively,
 * so that the calls about one pod come one after another. Thread-safe.
 */
public interface PodHooks {
  /** For nobody. */
  PodHooks NONE =
      new PodHooks() {
        @Override
        public Making run(Pod pod) {
          return made -> {};
        }

        @Override
        public void stop(Pod pod) {}

        @Override
        public void removed(Pod pod) {}

        @Override
        public void update(
            Pod pod, LinuxContainerResources overhead, LinuxContainerResources resources) {}

        @Override
        public void updated(Pod pod) {}
      };

  /**
   * A pod has everything it consists of, and nobody sees it yet.
   *
   * @return to be ended once it is shown, or has failed after all
   * @throws IOException to refuse it: whoever has heard of it already has been told of its end
   */
  Making run(Pod pod) throws IOException, InterruptedException;

  /** The time between {@link #run} and a pod's being shown. */
  @FunctionalInterface
  interface Making {
    /**
     * @param made whether the pod is shown now; else its end is told to those who heard of it
     */
    void end(boolean made) throws InterruptedException;
  }

  /**
   * The containers of a pod that was ready have ended; all else of it is still there.
   *
   * @param pod as it was when it was ready
   */
  void stop(Pod pod) throws InterruptedException;

  /** A pod is gone. */
  void removed(Pod pod) throws InterruptedException;

  /**
   * A pod's resources are about to change.
   *
   * @throws IOException to leave them as they are
   */
  void update(Pod pod, LinuxContainerResources overhead, LinuxContainerResources resources)
      throws IOException, InterruptedException;

  /** A pod's resources have changed. */
  void updated(Pod pod) throws InterruptedException;
}
