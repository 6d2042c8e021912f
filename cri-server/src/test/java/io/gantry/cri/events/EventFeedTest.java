package io.gantry.cri.events;

import static io.gantry.proto.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.gantry.proto.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.gantry.proto.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.gantry.proto.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EventFeedTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
  private static final long FIRST = CLOCK.instant().toEpochMilli() * 1000;

  @TempDir Path directory;
  private EventFeed feed;

  @BeforeEach
  void open() throws IOException {
    feed = EventFeed.open(directory, CLOCK);
  }

  @AfterEach
  void close() {
    feed.close();
  }

  private void restart() throws IOException {
    feed.close();
    feed = EventFeed.open(directory, CLOCK);
  }

  private void happened(String id, ContainerEventType... types) {
    for (ContainerEventType type : types) {
      feed.advance(id, type, told -> message(id, told));
    }
  }

  private static ContainerEventResponse message(String id, ContainerEventType type) {
    return ContainerEventResponse.newBuilder()
        .setContainerId(id)
        .setContainerEventType(type)
        .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("p"))
        .build();
  }

  /** Takes this many events, as "c1 STARTED". */
  private static List<String> take(Subscription subscription, int count) throws Exception {
    List<String> taken = new ArrayList<>();
    if (count > 0) {
      assertThrows(
          Enough.class,
          () ->
              subscription.run(
                  event -> {
                    taken.add(words(event));
                    if (taken.size() == count) {
                      throw new Enough();
                    }
                  }));
    }
    return taken;
  }

  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static String words(Event event) {
    String type = event.message().getContainerEventType().name();
    return event.message().getContainerId()
        + type.replaceAll("CONTAINER_|_EVENT", " ").stripTrailing();
  }

  @Test
  void listener_getsWhatHappensFromThenOnInOrder() throws Exception {
    happened("c1", CONTAINER_CREATED_EVENT);
    awaitWritten(FIRST + 1);
    Subscription listener = feed.subscribe(OptionalLong.empty());
    happened("c1", CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT);
    assertEquals(FIRST + 1, listener.from());
    assertEquals(List.of("c1 STARTED", "c1 STOPPED", "c1 DELETED"), take(listener, 3));
  }

  /** Until everything up to this number is on disk and was handed out. */
  private void awaitWritten(long number) throws Exception {
    Subscription listener;
    do {
      listener = feed.subscribe(OptionalLong.empty());
      listener.close();
    } while (listener.from() < number);
  }

  @Test
  void sameEventAgain_isToldOnce() throws Exception {
    Subscription listener = feed.subscribe(OptionalLong.empty());
    happened("c1", CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT, CONTAINER_CREATED_EVENT);
    happened("c1", CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT);
    assertEquals(List.of("c1 CREATED", "c1 STARTED", "c1 STOPPED"), take(listener, 3));
  }

  @Test
  void creationThatNobodyToldOf_isToldFirst() throws Exception {
    Subscription listener = feed.subscribe(OptionalLong.empty());
    happened("c1", CONTAINER_STOPPED_EVENT);
    assertEquals(List.of("c1 CREATED", "c1 STOPPED"), take(listener, 2));
  }

  @Test
  void deletionOfWhatNobodyHeardOf_isNotTold() throws Exception {
    Subscription listener = feed.subscribe(OptionalLong.empty());
    happened("c1", CONTAINER_DELETED_EVENT);
    happened("c2", CONTAINER_CREATED_EVENT);
    assertEquals(List.of("c2 CREATED"), take(listener, 1));
  }

  @Test
  void whoComesBack_getsWhatHappenedMeanwhileAndThenGoesOn() throws Exception {
    happened("c1", CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT);
    awaitWritten(FIRST + 3);
    Subscription listener = feed.subscribe(OptionalLong.of(FIRST + 1));
    happened("c1", CONTAINER_DELETED_EVENT);
    assertEquals(List.of("c1 STARTED", "c1 STOPPED", "c1 DELETED"), take(listener, 3));
  }

  @Test
  void restart_keepsNumbersEventsAndWhatWasTold() throws Exception {
    happened("c1", CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT);
    restart();
    happened("c1", CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT);
    restart();
    assertEquals(CONTAINER_STOPPED_EVENT, feed.known().get("c1").last());
    Subscription listener = feed.subscribe(OptionalLong.of(FIRST));
    assertEquals(List.of("c1 CREATED", "c1 STARTED", "c1 STOPPED"), take(listener, 3));
  }

  @Test
  void tornLine_isAsIfItHadNotBeen() throws Exception {
    happened("c1", CONTAINER_CREATED_EVENT);
    feed.close();
    Files.writeString(segment(), "{\"number\":" + (FIRST + 2) + ",\"ev", StandardOpenOption.APPEND);
    feed = EventFeed.open(directory, CLOCK);
    Subscription listener = feed.subscribe(OptionalLong.of(FIRST));
    happened("c1", CONTAINER_STARTED_EVENT);
    assertEquals(List.of("c1 CREATED", "c1 STARTED"), take(listener, 2));
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findFirst().orElseThrow();
    }
  }

  @Test
  void lostJournal_givesNoNumberASecondMeaning() throws Exception {
    happened("c1", CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT);
    feed.close();
    Files.delete(segment());
    Clock later = Clock.offset(CLOCK, java.time.Duration.ofSeconds(1));
    feed = EventFeed.open(directory, later);
    happened("c2", CONTAINER_CREATED_EVENT);
    awaitWritten(FIRST + 1_000_001);
    assertGone(FIRST + 2, "no longer all kept");
  }

  @Test
  void numberThatWasNeverGiven_isRefused() {
    assertGone(FIRST + 9, "the newest one here is " + FIRST);
  }

  private void assertGone(long after, String words) {
    CriException e =
        assertThrows(
            CriException.class, () -> feed.subscribe(OptionalLong.of(after)).run(event -> {}));
    assertEquals(Failure.GONE, e.failure());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void listenerThatFallsBehind_isToldWhereToGoOn() throws Exception {
    Subscription listener = feed.subscribe(OptionalLong.empty());
    happened("c", CONTAINER_CREATED_EVENT);
    take(listener, 1);
    for (int i = 0; i <= Subscription.MOST_WAITING; i++) {
      happened("c" + i, CONTAINER_CREATED_EVENT);
    }
    awaitWritten(FIRST + 2 + Subscription.MOST_WAITING);
    CriException e = assertThrows(CriException.class, () -> listener.run(event -> {}));
    assertEquals(Failure.EXHAUSTED, e.failure());
    assertTrue(e.getMessage().contains("gantry-events-after: " + FIRST), e.getMessage());
  }

  @Test
  void closing_endsEveryStream() {
    Subscription listener = feed.subscribe(OptionalLong.empty());
    feed.close();
    CriException e = assertThrows(CriException.class, () -> listener.run(event -> {}));
    assertEquals(Failure.UNAVAILABLE, e.failure());
  }
}
