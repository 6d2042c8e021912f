package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.InspectImageRequest;
import io.gantry.proto.v1.LayerSummary;
import io.gantry.proto.v1.ListLayersRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What containers take on disk; measuring walks their layers. */
final class Sizes {
  private final Runtime runtime;

  Sizes(Runtime runtime) {
    this.runtime = runtime;
  }

  /** By container's id, of all. */
  Map<String, Long> ofLayers() {
    Map<String, Long> sizes = new HashMap<>();
    try {
      for (LayerSummary layer :
          runtime
              .layers()
              .list(ListLayersRequest.newBuilder().setSizes(true).build())
              .getLayersList()) {
        sizes.put(layer.getKey(), layer.getSizeBytes());
      }
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
        throw e;
      }
    }
    return sizes;
  }

  OptionalLong ofLayer(DockerContainer container) {
    Long size = ofLayers().get(container.id());
    return size == null ? OptionalLong.empty() : OptionalLong.of(size);
  }

  /** Adds SizeRw and SizeRootFs. */
  void addTo(ObjectNode view, DockerContainer container) {
    addTo(view, container, ofLayers());
  }

  void addTo(ObjectNode view, DockerContainer container, Map<String, Long> layers) {
    long written = layers.getOrDefault(container.id(), 0L);
    long image = 0;
    try {
      image =
          runtime
              .images()
              .inspect(InspectImageRequest.newBuilder().setImage(container.imageId()).build())
              .getSizeBytes();
    } catch (StatusRuntimeException e) {
      // The image's name, or the image, is gone: what is left of it is the container's.
    }
    view.put("SizeRw", written).put("SizeRootFs", written + image);
  }
}
