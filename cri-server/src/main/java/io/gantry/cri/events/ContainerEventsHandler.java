package io.gantry.cri.events;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.GetEventsRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * GetContainerEvents. The CRI's messages have no place for a number, so numbers travel in metadata,
 * which clients that know nothing of it ignore: the response's header tells the number before the
 * first event, each event's is one more than that of the one before, and the trailer tells the
 * last. A request that names a number gets everything after it first.
 */
public final class ContainerEventsHandler
    implements StreamHandler<GetEventsRequest, ContainerEventResponse> {
  /** The request's header: begin after the event of this number. */
  static final String AFTER = "gantry-events-after";

  /** The response's header and trailer: the number of the event before, and of the last one. */
  static final String LAST = "gantry-events-last";

  private final EventFeed feed;

  public ContainerEventsHandler(EventFeed feed) {
    this.feed = feed;
  }

  @Override
  public void handle(GetEventsRequest request, Answers<ContainerEventResponse> answers)
      throws IOException, InterruptedException {
    try (Subscription subscription = feed.subscribe(after(answers.header(AFTER)))) {
      answers.open(LAST, Long.toString(subscription.from()));
      try {
        subscription.run(event -> answers.send(event.message()));
      } finally {
        answers.trailer(LAST, Long.toString(subscription.taken()));
      }
    }
  }

  private static OptionalLong after(Optional<String> header) {
    if (header.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(header.get().strip()));
    } catch (NumberFormatException e) {
      throw CriException.invalid(
          "header %s: \"%s\" is not the number of an event".formatted(AFTER, header.get()));
    }
  }
}
