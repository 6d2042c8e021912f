package io.gantry.cri.images;

import io.gantry.cri.grpc.Handler;
import io.gantry.image.Images;
import io.gantry.image.ImagesUsage;
import io.gantry.image.tree.DiskUsage;
import io.gantry.proto.cri.v1.FilesystemIdentifier;
import io.gantry.proto.cri.v1.FilesystemUsage;
import io.gantry.proto.cri.v1.ImageFsInfoRequest;
import io.gantry.proto.cri.v1.ImageFsInfoResponse;
import io.gantry.proto.cri.v1.UInt64Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * ImageFsInfo: what images take (blobs and unpacked layers), and what containers' writable layers
 * take.
 */
public final class ImageFsInfo implements Handler<ImageFsInfoRequest, ImageFsInfoResponse> {

  private final Images images;
  private final Clock clock;

  public ImageFsInfo(Images images, Clock clock) {
    this.images = images;
    this.clock = clock;
  }

  @Override
  public ImageFsInfoResponse handle(ImageFsInfoRequest request) throws IOException {
    Instant now = clock.instant();
    ImagesUsage usage = images.usage();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(filesystem(now, usage.imagesPath(), usage.images()))
        .addContainerFilesystems(filesystem(now, usage.containersPath(), usage.containers()))
        .build();
  }

  private static FilesystemUsage filesystem(Instant now, Path path, DiskUsage usage) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano())
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(path.toString()))
        .setUsedBytes(UInt64Value.newBuilder().setValue(usage.bytes()))
        .setInodesUsed(UInt64Value.newBuilder().setValue(usage.inodes()))
        .build();
  }
}
