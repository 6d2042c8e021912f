package io.gantry.cri.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventJournalTest {
  @TempDir Path directory;

  private EventJournal open() throws IOException {
    return EventJournal.open(directory, Clock.systemUTC(), 1000, 5000);
  }

  private static Event event(long number, String id, ContainerEventType type) {
    return new Event(
        number,
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("p"))
            .build());
  }

  private static List<Long> read(EventJournal journal, long first, long to) throws Exception {
    List<Long> numbers = new ArrayList<>();
    journal.read(
        first,
        to,
        event -> {
          numbers.add(event.number());
          return true;
        });
    return numbers;
  }

  @Test
  void oldSegments_goAndTheirPodsAreStillKnown() throws Exception {
    long first;
    try (EventJournal journal = open()) {
      first = journal.last() + 1;
      journal.append(List.of(event(first, "old", ContainerEventType.CONTAINER_STARTED_EVENT)));
      for (int i = 1; i < 100; i++) {
        journal.append(
            List.of(event(first + i, "c" + i, ContainerEventType.CONTAINER_CREATED_EVENT)));
        journal.append(
            List.of(event(first + 100 + i, "c" + i, ContainerEventType.CONTAINER_DELETED_EVENT)));
      }
      assertFalse(journal.read(first, first, event -> true));
    }
    assertTrue(bytes() < 10_000, bytes() + " bytes are kept");
    try (EventJournal journal = open()) {
      assertEquals(
          ContainerEventType.CONTAINER_STARTED_EVENT,
          journal.stages().of("old").orElseThrow().last());
      assertEquals(first + 199, journal.last());
    }
  }

  private long bytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  @Test
  void read_goesAcrossSegmentsAndStopsWhereItIsTold() throws Exception {
    try (EventJournal journal = open()) {
      long first = journal.last() + 1;
      for (int i = 0; i < 20; i++) {
        journal.append(
            List.of(event(first + i, "c" + i, ContainerEventType.CONTAINER_CREATED_EVENT)));
      }
      assertEquals(
          List.of(first + 15, first + 16, first + 17), read(journal, first + 15, first + 17));
    }
  }

  @Test
  void foreignFile_isSetAside() throws Exception {
    Files.writeString(directory.resolve("0000000000000000001.jsonl"), "no JSON\n");
    try (EventJournal journal = open()) {
      assertEquals(List.of(), read(journal, 1, 1));
    }
    assertTrue(Files.exists(directory.resolve("0000000000000000001.jsonl.set-aside")));
  }
}
