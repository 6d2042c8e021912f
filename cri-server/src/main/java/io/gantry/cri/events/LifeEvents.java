package io.gantry.cri.events;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerEvents;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.ContainerView;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.State;
import io.gantry.cri.events.Stages.Stage;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodEvents;
import io.gantry.cri.pod.PodView;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what happens to pods and containers into events, each with its pod's and all its
 * containers' statuses. Thread-safe.
 */
public final class LifeEvents implements ContainerEvents, PodEvents {
  private final EventFeed feed;
  private final Pods pods;
  private final Clock clock;
  private volatile Optional<Containers> containers = Optional.empty();

  public LifeEvents(EventFeed feed, Pods pods, Clock clock) {
    this.feed = feed;
    this.pods = pods;
    this.clock = clock;
  }

  /** Names the containers, which are built on those who listen to them. */
  public void of(Containers all) {
    containers = Optional.of(all);
  }

  @Override
  public void happened(ContainerEventType type, ContainerRecord container) {
    Optional<PodSandboxStatus> pod = pods.find(container.podId()).map(PodView::status);
    if (type == ContainerEventType.CONTAINER_STOPPED_EVENT
        && container.state() instanceof State.Exited exited
        && exited.startedAt().isPresent()) {
      advance(container.id(), ContainerEventType.CONTAINER_STARTED_EVENT, pod, container.podId());
    }
    advance(container.id(), type, pod, container.podId());
  }

  @Override
  public void happened(ContainerEventType type, Pod pod) {
    advance(pod.id(), type, Optional.of(PodView.status(pod)), pod.id());
  }

  private void advance(
      String id, ContainerEventType to, Optional<PodSandboxStatus> pod, String podId) {
    feed.advance(id, to, type -> message(id, type, pod, podId));
  }

  private ContainerEventResponse message(
      String id, ContainerEventType type, Optional<PodSandboxStatus> pod, String podId) {
    Instant now = clock.instant();
    ContainerEventResponse.Builder message =
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setCreatedAt(now.getEpochSecond() * 1_000_000_000L + now.getNano())
            // Kubelets drop an event without it: a pod that is gone is still told by its id.
            .setPodSandboxStatus(
                pod.orElseGet(() -> PodSandboxStatus.newBuilder().setId(podId).build()));
    if (containers.isPresent()) {
      for (Container container : containers.get().inPod(podId)) {
        if (!(container.state() instanceof State.Making)) {
          message.addContainersStatuses(ContainerView.status(container.record()));
        }
      }
    }
    return message.build();
  }

  /**
   * Tells what an earlier daemon did not get round to, or what happened while there was none. To be
   * called once pods and containers are recovered.
   */
  public void catchUp() {
    Containers all = containers.orElseThrow();
    for (Pod pod : pods.list()) {
      happened(
          pod.isReady()
              ? ContainerEventType.CONTAINER_STARTED_EVENT
              : ContainerEventType.CONTAINER_STOPPED_EVENT,
          pod);
    }
    for (Container container : all.list()) {
      happened(reached(container.state()), container.record());
    }
    for (Map.Entry<String, Stage> known : feed.known().entrySet()) {
      String id = known.getKey();
      String podId = known.getValue().podId();
      boolean there = id.equals(podId) ? pods.find(id).isPresent() : all.find(id).isPresent();
      if (!there) {
        Optional<PodSandboxStatus> pod = pods.find(podId).map(PodView::status);
        advance(id, ContainerEventType.CONTAINER_DELETED_EVENT, pod, podId);
      }
    }
  }

  private static ContainerEventType reached(State state) {
    if (state instanceof State.Running) {
      return ContainerEventType.CONTAINER_STARTED_EVENT;
    }
    return state instanceof State.Exited
        ? ContainerEventType.CONTAINER_STOPPED_EVENT
        : ContainerEventType.CONTAINER_CREATED_EVENT;
  }
}
