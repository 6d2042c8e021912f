package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.layers.LayerQuotas;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How much a container may write into its own layer: by an annotation of the container, or of its
 * pod for all of its containers, or else as the configuration says.
 */
final class LayerLimit {
  static final String MAX_BYTES = "gantry.io/writable-layer-max-bytes";

  /** Less would not do for what a start itself writes. */
  private static final long LEAST = 64 << 10;

  /** Limits layers, as {@link LayerQuotas} does. */
  interface Quotas {
    void limit(List<Path> directories, long bytes) throws IOException;
  }

  private final Quotas quotas;
  private final LongSupplier byDefault;

  /**
   * @param byDefault in bytes; 0 for any amount
   */
  LayerLimit(Quotas quotas, LongSupplier byDefault) {
    this.quotas = quotas;
    this.byDefault = byDefault;
  }

  /**
   * Has a layer counted where the file system can, and limited if that is wanted.
   *
   * @param layer as it was just prepared
   * @throws CriException INVALID_REQUEST if the annotation is malformed; WRONG_STATE if there is to
   *     be a limit and the file system cannot keep it
   */
  void apply(PodSandboxConfig pod, ContainerConfig container, List<SnapshotMount> layer)
      throws IOException {
    long bytes = of(pod, container);
    try {
      quotas.limit(directories(layer), bytes);
    } catch (LayerQuotas.NoQuotas e) {
      if (bytes > 0) {
        throw new CriException(
            Failure.WRONG_STATE,
            "container %s is to write %d bytes at most: %s"
                .formatted(container.getMetadata().getName(), bytes, e.getMessage()),
            e);
      }
    }
  }

  /**
   * For a container that takes a layer in the place of its own, which may hold files that nobody
   * has counted.
   *
   * @throws CriException INVALID_REQUEST if it asks for a limit all the same
   */
  static void refuse(ContainerConfig container, String layer) {
    if (container.containsAnnotations(MAX_BYTES)) {
      throw CriException.invalid(
          "annotation %s of container %s: it takes the layer %s, and only a container's own layer can be limited"
              .formatted(MAX_BYTES, container.getMetadata().getName(), layer));
    }
  }

  private long of(PodSandboxConfig pod, ContainerConfig container) {
    String text =
        container.getAnnotationsOrDefault(MAX_BYTES, pod.getAnnotationsOrDefault(MAX_BYTES, ""));
    if (text.isEmpty()) {
      return byDefault.getAsLong();
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
            .formatted(MAX_BYTES, container.getMetadata().getName(), text, LEAST));
  }

  /** Where files of the layer are made: overlayfs makes some in its work directory first. */
  private static List<Path> directories(List<SnapshotMount> layer) {
    SnapshotMount mount = layer.get(0);
    List<Path> directories = new ArrayList<>();
    for (String key : List.of("upperdir=", "workdir=")) {
      mount.options().stream()
          .filter(option -> option.startsWith(key))
          .forEach(option -> directories.add(Path.of(option.substring(key.length()))));
    }
    return directories.isEmpty() ? List.of(Path.of(mount.source())) : directories;
  }
}
