package io.gantry.cri.container;

import io.gantry.cri.pod.Pod;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;

/**
 * Asked and told about containers by those who want a say in them. The calls about one container
 * come one after another. Thread-safe.
 */
public interface ContainerHooks {
  /** For nobody. */
  ContainerHooks NONE =
      new ContainerHooks() {
        @Override
        public Creation create(Pod pod, ContainerRecord container, OciSpec spec) {
          return Creation.unchanged(spec, container.resources());
        }

        @Override
        public void start(ContainerRecord container) {}

        @Override
        public void started(ContainerRecord container) {}

        @Override
        public Change update(ContainerRecord container, Change asked) {
          return asked;
        }

        @Override
        public void updated(ContainerRecord container) {}

        @Override
        public void stopped(ContainerRecord container) {}

        @Override
        public void removed(ContainerRecord container) {}
      };

  /**
   * A container is about to be made; nothing but its files exists of it, and nobody sees it.
   *
   * @param container in state Making
   * @throws IOException to refuse it: whoever has heard of it already has been told of its end
   */
  Creation create(Pod pod, ContainerRecord container, OciSpec spec)
      throws IOException, InterruptedException;

  /** A container between {@link #create} and its being shown. */
  interface Creation {
    /** The specification to make it from. */
    OciSpec spec();

    /** The limits that its status shall tell. */
    LinuxContainerResources resources();

    /** It is shown now. */
    void created(ContainerRecord container) throws InterruptedException;

    /** It is not going to be after all. */
    void failed() throws InterruptedException;

    /** What is asked for is what is made. */
    static Creation unchanged(OciSpec spec, LinuxContainerResources resources) {
      return new Creation() {
        @Override
        public OciSpec spec() {
          return spec;
        }

        @Override
        public LinuxContainerResources resources() {
          return resources;
        }

        @Override
        public void created(ContainerRecord container) {}

        @Override
        public void failed() {}
      };
    }
  }

  /**
   * A change of limits; what it does not set stays.
   *
   * @param told as the container's status tells it
   * @param limits as they are set
   */
  record Change(LinuxContainerResources told, OciResources limits) {}

  /**
   * A container is about to start.
   *
   * @throws IOException to refuse it
   */
  void start(ContainerRecord container) throws IOException, InterruptedException;

  /** A container runs. */
  void started(ContainerRecord container) throws InterruptedException;

  /**
   * A container's limits are about to change.
   *
   * @return the change to make instead
   * @throws IOException to leave them as they are
   */
  Change update(ContainerRecord container, Change asked) throws IOException, InterruptedException;

  /** A container's limits have changed. */
  void updated(ContainerRecord container) throws InterruptedException;

  /** A container that was to start, or did, has ended; told once. */
  void stopped(ContainerRecord container);

  /** A container is gone. */
  void removed(ContainerRecord container) throws InterruptedException;
}
