package io.gantry.cri.namedvolume;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.LocalImages;
import io.gantry.proto.v1.CreateVolumeRequest;
import io.gantry.proto.v1.InspectVolumeRequest;
import io.gantry.proto.v1.ListVolumesRequest;
import io.gantry.proto.v1.ListVolumesResponse;
import io.gantry.proto.v1.PopulateVolumeRequest;
import io.gantry.proto.v1.PopulateVolumeResponse;
import io.gantry.proto.v1.RemoveVolumeRequest;
import io.gantry.proto.v1.RemoveVolumeResponse;
import io.gantry.proto.v1.Volume;
import io.gantry.proto.v1.VolumesGrpc;
import java.io.IOException;
import java.time.Instant;

/** The RPCs of gantry.v1.Volumes. Thread-safe. */
public final class VolumeRpcs {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final NamedVolumes volumes;
  private final WritableLayers layers;
  private final LocalImages images;

  public VolumeRpcs(NamedVolumes volumes, WritableLayers layers, LocalImages images) {
    this.volumes = volumes;
    this.layers = layers;
    this.images = images;
  }

  public void register(RpcService service) {
    service
        .handle(VolumesGrpc.getCreateMethod(), this::create)
        .handle(VolumesGrpc.getInspectMethod(), this::inspect)
        .handle(VolumesGrpc.getListMethod(), this::list)
        .handle(VolumesGrpc.getRemoveMethod(), this::remove)
        .handle(VolumesGrpc.getPopulateMethod(), this::populate);
  }

  private Volume create(CreateVolumeRequest request) throws IOException {
    return message(
            volumes.create(request.getName(), request.getLabelsMap(), request.getOptionsMap()))
        .build();
  }

  private Volume inspect(InspectVolumeRequest request) {
    return message(volumes.get(request.getName())).build();
  }

  private ListVolumesResponse list(ListVolumesRequest request) throws IOException {
    ListVolumesResponse.Builder response = ListVolumesResponse.newBuilder();
    for (NamedVolume volume : volumes.list()) {
      Volume.Builder message = message(volume);
      if (request.getSizes()) {
        message.setSizeBytes(volumes.sizeBytes(volume));
      }
      response.addVolumes(message);
    }
    return response.build();
  }

  private RemoveVolumeResponse remove(RemoveVolumeRequest request) throws IOException {
    volumes.remove(request.getName());
    return RemoveVolumeResponse.getDefaultInstance();
  }

  private PopulateVolumeResponse populate(PopulateVolumeRequest request) throws IOException {
    if (!request.getPath().startsWith("/")) {
      throw CriException.invalid(
          "populate volume %s: path \"%s\" is not absolute"
              .formatted(request.getName(), request.getPath()));
    }
    try (WritableLayers.Visit visit = layers.visit(request.getLayerKey())) {
      boolean copied =
          volumes.populate(
              request.getName(),
              target ->
                  images.copyDirectory(visit.layer().snapshotKey(), request.getPath(), target));
      return PopulateVolumeResponse.newBuilder().setCopied(copied).build();
    }
  }

  private Volume.Builder message(NamedVolume volume) {
    Instant created = volume.createdAt();
    return Volume.newBuilder()
        .setName(volume.name())
        .setMountpoint(volumes.data(volume.name()).toString())
        .setCreatedAtNanos(created.getEpochSecond() * NANOS_PER_SECOND + created.getNano())
        .putAllLabels(volume.labels())
        .putAllOptions(volume.options());
  }
}
