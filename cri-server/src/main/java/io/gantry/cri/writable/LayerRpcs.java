package io.gantry.cri.writable;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.RpcService;
import io.gantry.image.failure.ImageException;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.v1.CreateLayerRequest;
import io.gantry.proto.v1.CreateLayerResponse;
import io.gantry.proto.v1.LayerSummary;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.ListLayersRequest;
import io.gantry.proto.v1.ListLayersResponse;
import io.gantry.proto.v1.RemoveLayerRequest;
import io.gantry.proto.v1.RemoveLayerResponse;
import java.io.IOException;

/** The RPCs that make, remove and list layers. Thread-safe. */
public final class LayerRpcs {
  private final WritableLayers layers;
  private final Snapshots snapshots;

  public LayerRpcs(WritableLayers layers, Snapshots snapshots) {
    this.layers = layers;
    this.snapshots = snapshots;
  }

  public void register(RpcService service) {
    service
        .handle(LayersGrpc.getCreateMethod(), this::create)
        .handle(LayersGrpc.getRemoveMethod(), this::remove)
        .handle(LayersGrpc.getListMethod(), this::list);
  }

  private CreateLayerResponse create(CreateLayerRequest request) throws IOException {
    WritableLayer layer = layers.create(request.getKey(), request.getImage());
    CreateLayerResponse.Builder response = CreateLayerResponse.newBuilder();
    layer.image().ifPresent(image -> response.setImageId(image.id().toString()));
    return response.build();
  }

  private RemoveLayerResponse remove(RemoveLayerRequest request) throws IOException {
    if (request.getKey().isEmpty()) {
      throw CriException.invalid("remove layer: no key");
    }
    layers.remove(request.getKey());
    return RemoveLayerResponse.getDefaultInstance();
  }

  private ListLayersResponse list(ListLayersRequest request) throws IOException {
    ListLayersResponse.Builder response = ListLayersResponse.newBuilder();
    for (WritableLayer layer : layers.list()) {
      LayerSummary.Builder summary = LayerSummary.newBuilder().setKey(layer.key());
      layer.image().ifPresent(image -> summary.setImageId(image.id().toString()));
      layers.holder(layer.key()).ifPresent(summary::setContainerId);
      try {
        if (request.getSizes()) {
          summary.setSizeBytes(snapshots.usage(layer.snapshotKey()).bytes());
        }
        response.addLayers(summary);
      } catch (ImageException e) {
        if (e.kind() != ImageException.Kind.NOT_FOUND) {
          throw e;
        }
        // It was removed meanwhile.
      }
    }
    return response.build();
  }
}
