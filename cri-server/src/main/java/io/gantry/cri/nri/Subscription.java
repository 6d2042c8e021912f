package io.gantry.cri.nri;

import io.gantry.proto.nri.ConfigureResponse;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.FailurePolicy;
import java.io.IOException;

/**
 * What a plugin wants to hear of, and what becomes of a request that it does not answer.
 *
 * @param events bit n - 1 stands for event n
 */
record Subscription(int events, FailurePolicy policy) {
  private static final int ALL = (1 << Event.VALIDATE_CONTAINER_ADJUSTMENT_VALUE) - 1;

  /**
   * @throws IOException if there are events that do not exist
   */
  static Subscription of(ConfigureResponse answer) throws IOException {
    int events = answer.getEvents();
    if ((events & ~ALL) != 0) {
      throw new IOException(
          "it asks for events that are not known here: 0x" + Integer.toHexString(events & ~ALL));
    }
    return new Subscription(events == 0 ? ALL : events, answer.getFailurePolicy());
  }

  boolean has(Event event) {
    return (events & 1 << event.getNumber() - 1) != 0;
  }
}
