package io.gantry.cri.nri;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.pod.Pod;
import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.CreateContainerResponse;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.PluginInstance;
import io.gantry.proto.nri.ValidateContainerAdjustmentRequest;
import io.gantry.proto.nri.ValidateContainerAdjustmentResponse;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One container's way through the plugins: each sees what those before it have made of it, and the
 * validators see what all have. Confined to one thread.
 */
final class ContainerCreation {
  private final Pod pod;
  private final ContainerRecord record;
  private final OciSpec asked;
  private final DeviceGiver devices;
  private final Claims claims = new Claims();
  private final OtherContainers others = new OtherContainers(claims);
  private final ContainerAdjustment.Builder adjustment = ContainerAdjustment.newBuilder();
  private final ValidateContainerAdjustmentRequest.Builder validation =
      ValidateContainerAdjustmentRequest.newBuilder();
  private OciSpec spec;

  ContainerCreation(Pod pod, ContainerRecord record, OciSpec asked, DeviceGiver devices) {
    this.pod = pod;
    this.record = record;
    this.asked = asked;
    this.devices = devices;
    this.spec = asked;
  }

  /**
   * Asks the plugins in their order.
   *
   * @throws IOException naming the plugin that refuses, that wants what cannot be done, or the two
   *     that contradict each other
   */
  void ask(List<Plugin> plugins) throws IOException, InterruptedException {
    for (Plugin plugin : plugins) {
      if (plugin.has(Event.CREATE_CONTAINER)) {
        validation.addPlugins(
            PluginInstance.newBuilder()
                .setName(plugin.name().base())
                .setIndex(plugin.name().index()));
        Optional<CreateContainerResponse> answer =
            plugin.ask(Event.CREATE_CONTAINER, request(spec), CreateContainerResponse.parser());
        if (answer.isPresent()) {
          adjust(answer.get(), plugin.name());
        }
      }
    }
    for (Plugin plugin : plugins) {
      if (plugin.has(Event.VALIDATE_CONTAINER_ADJUSTMENT)) {
        validate(plugin);
      }
    }
  }

  private ContainerRequest request(OciSpec current) {
    return ContainerRequest.newBuilder()
        .setPod(PodModel.of(pod))
        .setContainer(container(current))
        .build();
  }

  private Container container(OciSpec current) {
    return ContainerModel.of(record, Optional.of(current));
  }

  private void adjust(CreateContainerResponse answer, PluginName plugin) throws IOException {
    ContainerAdjustment adjust = answer.getAdjust();
    AdjustmentClaims.claim(claims, record.id(), adjust, plugin);
    spec = Adjustments.apply(spec, adjust, plugin, devices);
    if (adjust.getArgsCount() > 0) {
      adjustment.clearArgs();
    }
    adjustment.mergeFrom(adjust);
    if (answer.getUpdateList().stream()
        .anyMatch(update -> update.getContainerId().equals(record.id()))) {
      throw new IOException(
          "NRI plugin %s wants to update container %s while it is created: adjust it instead"
              .formatted(plugin, record.id()));
    }
    others.add(answer.getUpdateList(), plugin);
    others.evict(answer.getEvictList());
  }

  private void validate(Plugin plugin) throws IOException, InterruptedException {
    ValidateContainerAdjustmentRequest request =
        validation
            .setPod(PodModel.of(pod))
            .setContainer(container(asked))
            .setAdjust(adjustment)
            .clearUpdate()
            .addAllUpdate(others.updates())
            .setOwners(claims.toMessage())
            .build();
    Optional<ValidateContainerAdjustmentResponse> answer =
        plugin.ask(
            Event.VALIDATE_CONTAINER_ADJUSTMENT,
            request,
            ValidateContainerAdjustmentResponse.parser());
    if (answer.isPresent() && answer.get().getReject()) {
      throw new IOException(
          "NRI plugin %s rejects what plugins have made of container %s: %s"
              .formatted(plugin.name(), record.id(), answer.get().getReason()));
    }
  }

  /** What the container is to be made from. */
  OciSpec spec() {
    return spec;
  }

  OtherContainers others() {
    return others;
  }
}
