package io.gantry.image.build;

import io.gantry.image.ImageRecord;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Runs a step's program in a container. Thread-safe. */
public interface StepRunner {

  /**
   * A program and where it runs.
   *
   * @param image what it runs in; to be found by its id while the step runs
   * @param environment {@code NAME=value}, beside what the image has
   */
  record Step(
      ImageRecord image,
      List<String> command,
      List<String> environment,
      String network,
      List<String> extraHosts,
      List<StepMount> mounts,
      BuildLimits limits) {
    public Step {
      Objects.requireNonNull(image);
      command = List.copyOf(command);
      environment = List.copyOf(environment);
      Objects.requireNonNull(network);
      extraHosts = List.copyOf(extraHosts);
      mounts = List.copyOf(mounts);
      Objects.requireNonNull(limits);
    }
  }

  /** What a step sees beside its image. */
  sealed interface StepMount {
    /** Where, absolute. */
    String target();
  }

  /** A directory or file of the host. */
  record HostMount(String target, Path source, boolean readOnly) implements StepMount {}

  /** Part of an image, read-only. */
  record ImageMount(String target, ImageRecord image, String subPath) implements StepMount {}

  /**
   * An empty file system in memory.
   *
   * @param sizeBytes 0 for no limit but memory's
   */
  record MemoryMount(String target, long sizeBytes) implements StepMount {}

  /** A file in memory. */
  record SecretMount(String target, byte[] content, int uid, int gid, int mode)
      implements StepMount {
    @Override
    public String toString() {
      return "SecretMount[target=" + target + "]";
    }
  }

  /** What is done with a program that has succeeded, while its files are there. */
  interface Success {
    /**
     * @param snapshot the key of the file system that it wrote to
     */
    void take(String snapshot) throws IOException;
  }

  /** What a program prints, both streams as they come. */
  interface Output {
    /** The step's container is there. */
    void begins(String containerId);

    void print(byte[] bytes);

    /** The container is gone. */
    void removed(String containerId);
  }

  /**
   * Runs a program to its end and removes all that was made for it, however it ends.
   *
   * @return its exit code
   * @throws IOException if it could not be run, or was to stop
   */
  int run(Step step, Output output, Success success, Cancellation cancellation) throws IOException;
}
