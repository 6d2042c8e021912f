package io.gantry.cri.container;

import io.gantry.proto.cri.v1.Container;
import io.gantry.proto.cri.v1.ContainerResources;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ContainerUser;
import io.gantry.proto.cri.v1.ImageSpec;
import java.nio.file.Path;
import java.time.Instant;

/** How records look to CRI callers. */
public final class ContainerView {
  private ContainerView() {}

  /** As ListContainers shows it. */
  public static Container inList(ContainerRecord record) {
    return Container.newBuilder()
        .setId(record.id())
        .setPodSandboxId(record.podId())
        .setMetadata(record.config().getMetadata())
        .setImage(record.config().getImage())
        .setImageRef(record.image().id())
        .setImageId(record.image().id())
        .setState(record.state().name())
        .setCreatedAt(nanos(record.createdAt()))
        .putAllLabels(record.config().getLabelsMap())
        .putAllAnnotations(record.config().getAnnotationsMap())
        .build();
  }

  /** As ContainerStatus shows it. */
  public static ContainerStatus status(ContainerRecord record) {
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder()
            .setId(record.id())
            .setMetadata(record.config().getMetadata())
            .setState(record.state().name())
            .setCreatedAt(nanos(record.createdAt()))
            .setImage(image(record))
            .setImageRef(record.image().reference())
            .setImageId(record.image().id())
            .putAllLabels(record.config().getLabelsMap())
            .putAllAnnotations(record.config().getAnnotationsMap())
            .addAllMounts(record.config().getMountsList())
            .setLogPath(record.logPath().map(Path::toString).orElse(""))
            .setResources(ContainerResources.newBuilder().setLinux(record.resources()))
            .setUser(ContainerUser.newBuilder().setLinux(record.user()))
            .setStopSignal(record.stopSignal());
    if (record.state() instanceof State.Running running) {
      status.setStartedAt(nanos(running.startedAt()));
    } else if (record.state() instanceof State.Exited exited) {
      exited.startedAt().ifPresent(at -> status.setStartedAt(nanos(at)));
      status
          .setFinishedAt(nanos(exited.finishedAt()))
          .setExitCode(exited.exitCode())
          .setReason(exited.reason().word())
          .setMessage(exited.message());
    } else if (record.state() instanceof State.Unknown unknown) {
      status.setReason(ExitReason.STATUS_UNKNOWN.word()).setMessage(unknown.why());
    }
    return status.build();
  }

  private static ImageSpec image(ContainerRecord record) {
    return record.config().getImage().toBuilder().setImage(record.image().name()).build();
  }

  /** Since the epoch, as all times of the CRI. */
  static long nanos(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
  }
}
