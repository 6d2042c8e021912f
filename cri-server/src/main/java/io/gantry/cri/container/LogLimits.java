package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;

/**
 * How much a container may log, as annotations ask for it; the container's own go before its pod's.
 *
 * @param maxBytes what one log file may hold until it is rotated; 0 for any amount
 * @param bytesPerSecond what may be logged on average, a second's worth at once; 0 for any amount
 */
record LogLimits(long maxBytes, long bytesPerSecond) {
  static final String MAX_BYTES = "gantry.io/log-max-bytes";
  static final String RATE = "gantry.io/log-rate-bytes-per-second";

  /** Room for some lines and for the remark that others were dropped. */
  private static final long LEAST = 4096;

  /**
   * @throws CriException INVALID_REQUEST, naming the annotation, if a limit is no number or too
   *     small
   */
  static LogLimits of(PodSandboxConfig pod, ContainerConfig container) {
    return new LogLimits(limit(MAX_BYTES, pod, container), limit(RATE, pod, container));
  }

  private static long limit(String annotation, PodSandboxConfig pod, ContainerConfig container) {
    String ofPod = pod.getAnnotationsOrDefault(annotation, "");
    String text = container.getAnnotationsOrDefault(annotation, ofPod);
    if (text.isEmpty()) {
      return 0;
    }
    try {
      long bytes = Long.parseLong(text);
      if (bytes >= LEAST) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw CriException.invalid(
        "annotation %s of container %s: \"%s\" is no whole number of bytes of at least %d"
            .formatted(annotation, container.getMetadata().getName(), text, LEAST));
  }

  /** What a log's URI says of them. */
  String query() {
    return (maxBytes == 0 ? "" : "&max-bytes=" + maxBytes)
        + (bytesPerSecond == 0 ? "" : "&rate=" + bytesPerSecond);
  }
}
