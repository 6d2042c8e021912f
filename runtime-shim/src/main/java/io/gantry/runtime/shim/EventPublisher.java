package io.gantry.runtime.shim;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Takes what happened in the order in which it happened. Never blocks the one who tells. */
interface EventPublisher {
  /** For a daemon that asks nothing: gantry's own learns of exits from the calls it has waiting. */
  EventPublisher NONE = (topic, type, event) -> {};

  /**
   * @param topic such as {@code /tasks/start}
   * @param type full name of the message, such as {@code containerd.events.TaskStart}
   */
  void publish(String topic, String type, MessageLite event);

  /** A message with its type's bare name, as containerd writes it (no host before it). */
  static Any any(String type, MessageLite message) {
    return Any.newBuilder().setTypeUrl(type).setValue(message.toByteString()).build();
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
