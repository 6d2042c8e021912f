package io.gantry.cri.grpc;

import com.google.protobuf.MessageLite;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Sends a list in messages that every client takes: each item once, no message empty, and none
 * larger than a client's default limit of 4 MiB unless a single item is.
 */
public final class Batches {
  /** Well below gRPC's default limit for received messages, 4 MiB. */
  static final int LARGEST_BYTES = 1 << 20;

  /** So that the first items arrive soon, and small items do not take long to unpack. */
  static final int MOST_ITEMS = 1000;

  /** A field's tag and length in front of each item: at most 2 and 5 bytes. */
  private static final int ITEM_OVERHEAD_BYTES = 7;

  private Batches() {}

  /**
   * Sends all items in their order.
   *
   * @param message makes one message of some items
   */
  public static <T extends MessageLite, R> void send(
      Iterable<T> items, Function<List<T>, R> message, Answers<R> answers)
      throws InterruptedException {
    List<T> batch = new ArrayList<>();
    long bytes = 0;
    for (T item : items) {
      long size = (long) item.getSerializedSize() + ITEM_OVERHEAD_BYTES;
      if (!batch.isEmpty() && (batch.size() == MOST_ITEMS || bytes + size > LARGEST_BYTES)) {
        answers.send(message.apply(batch));
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(item);
      bytes += size;
    }
    if (!batch.isEmpty()) {
      answers.send(message.apply(batch));
    }
  }
}
