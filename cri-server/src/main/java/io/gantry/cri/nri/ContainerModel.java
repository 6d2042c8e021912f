package io.gantry.cri.nri;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.ContainerState;
import io.gantry.proto.nri.Image;
import io.gantry.proto.nri.LinuxContainer;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.SecurityProfile;
import io.gantry.proto.nri.User;
import io.gantry.runtime.oci.OciSpec;
import java.time.Instant;
import java.util.Optional;

/** Containers as plugins see them. */
final class ContainerModel {
  private ContainerModel() {}

  /**
   * @param spec what it is made from; absent once its files are gone
   */
  static Container of(ContainerRecord record, Optional<OciSpec> spec) {
    Container.Builder container =
        Container.newBuilder()
            .setId(record.id())
            .setPodSandboxId(record.podId())
            .setName(record.config().getMetadata().getName())
            .putAllLabels(record.config().getLabelsMap())
            .putAllAnnotations(record.config().getAnnotationsMap())
            .setCreatedAt(nanos(record.createdAt()))
            .setUser(user(record))
            .setImage(image(record));
    state(container, record.state());
    LinuxContainer.Builder linux = LinuxContainer.newBuilder();
    if (spec.isPresent()) {
      SpecModel.fill(container, linux, spec.get());
      // With what plugins have put in the place of the kubelet's.
      container.putAllAnnotations(spec.get().annotations());
    }
    LinuxResources limits =
        Resources.merge(linux.getResources(), PodModel.limits(record.resources()));
    securityProfile(record.config().getLinux().getSecurityContext())
        .ifPresent(linux::setSeccompProfile);
    return container.setLinux(linux.setResources(limits)).build();
  }

  private static void state(Container.Builder container, State state) {
    if (state instanceof State.Making || state instanceof State.Created) {
      container.setState(ContainerState.CONTAINER_CREATED);
    } else if (state instanceof State.Running running) {
      container
          .setState(ContainerState.CONTAINER_RUNNING)
          .setPid(running.pid())
          .setStartedAt(nanos(running.startedAt()));
    } else if (state instanceof State.Exited exited) {
      container
          .setState(ContainerState.CONTAINER_STOPPED)
          .setFinishedAt(nanos(exited.finishedAt()))
          .setExitCode(exited.exitCode())
          .setStatusReason(exited.reason().word())
          .setStatusMessage(exited.message());
      exited.startedAt().ifPresent(at -> container.setStartedAt(nanos(at)));
    } else if (state instanceof State.Unknown unknown) {
      container.setState(ContainerState.CONTAINER_UNKNOWN).setStatusMessage(unknown.why());
    }
  }

  private static User user(ContainerRecord record) {
    User.Builder user =
        User.newBuilder().setUid((int) record.user().getUid()).setGid((int) record.user().getGid());
    record
        .user()
        .getSupplementalGroupsList()
        .forEach(group -> user.addAdditionalGids(group.intValue()));
    return user.build();
  }

  private static Image image(ContainerRecord record) {
    String reference = record.image().reference();
    int at = reference.indexOf('@');
    return Image.newBuilder()
        .setName(record.image().name())
        .setDigest(at < 0 ? "" : reference.substring(at + 1))
        .setConfigDigest(record.image().id())
        .build();
  }

  private static Optional<SecurityProfile> securityProfile(LinuxContainerSecurityContext security) {
    if (!security.hasSeccomp()) {
      return Optional.empty();
    }
    return Optional.of(
        SecurityProfile.newBuilder()
            .setProfileTypeValue(security.getSeccomp().getProfileTypeValue())
            .setLocalhostRef(security.getSeccomp().getLocalhostRef())
            .build());
  }

  /** Since the epoch. */
  private static long nanos(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
  }
}
