package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.PodRequest;
import io.gantry.proto.nri.StateChangeEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** How events are called on the wire. */
final class Requests {
  private static final Map<Event, String> METHODS = new EnumMap<>(Event.class);

  static {
    METHODS.put(Event.RUN_POD_SANDBOX, "RunPodSandbox");
    METHODS.put(Event.STOP_POD_SANDBOX, "StopPodSandbox");
    METHODS.put(Event.REMOVE_POD_SANDBOX, "RemovePodSandbox");
    METHODS.put(Event.CREATE_CONTAINER, "CreateContainer");
    METHODS.put(Event.POST_CREATE_CONTAINER, "PostCreateContainer");
    METHODS.put(Event.START_CONTAINER, "StartContainer");
    METHODS.put(Event.POST_START_CONTAINER, "PostStartContainer");
    METHODS.put(Event.UPDATE_CONTAINER, "UpdateContainer");
    METHODS.put(Event.POST_UPDATE_CONTAINER, "PostUpdateContainer");
    METHODS.put(Event.STOP_CONTAINER, "StopContainer");
    METHODS.put(Event.REMOVE_CONTAINER, "RemoveContainer");
    METHODS.put(Event.UPDATE_POD_SANDBOX, "UpdatePodSandbox");
    METHODS.put(Event.POST_UPDATE_POD_SANDBOX, "PostUpdatePodSandbox");
    METHODS.put(Event.VALIDATE_CONTAINER_ADJUSTMENT, "ValidateContainerAdjustment");
  }

  private Requests() {}

  static String method(Event event) {
    return METHODS.get(event);
  }

  /**
   * How a plugin hears of the event that lacks the event's own call; empty where an answer is
   * needed that StateChange cannot give.
   */
  static Optional<StateChangeEvent> stateChange(Event event, MessageLite request) {
    StateChangeEvent.Builder change = StateChangeEvent.newBuilder().setEvent(event);
    if (request instanceof PodRequest pod) {
      return Optional.of(change.setPod(pod.getPod()).build());
    }
    boolean answered = event == Event.CREATE_CONTAINER || event == Event.STOP_CONTAINER;
    if (request instanceof ContainerRequest container && !answered) {
      return Optional.of(
          change.setPod(container.getPod()).setContainer(container.getContainer()).build());
    }
    return Optional.empty();
  }
}
