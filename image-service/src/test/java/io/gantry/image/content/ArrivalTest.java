package io.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class ArrivalTest {

  private static final int CHUNK = Chunks.CHUNK_BYTES;
  private static final byte[] BYTES = new byte[3 * CHUNK + 1000];
  private static final Digest DIGEST;

  static {
    new Random(7).nextBytes(BYTES);
    DIGEST = Digest.sha256(BYTES);
  }

  @TempDir Path root;
  private ContentStore store;
  private final Cancellation running = new Cancellation();

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(root, Steps.UNOBSERVED);
  }

  private Arrival arrive() throws IOException {
    return store.arrive(DIGEST, BYTES.length, running);
  }

  /** Fills a part as far as to that place. */
  private static void fill(Arrival.Part part, long to) throws IOException {
    while (part.at() < to) {
      int n = (int) Math.min(to - part.at(), 100_000);
      part.write(ByteBuffer.wrap(BYTES, (int) part.at(), n));
    }
  }

  private static Arrival.Part part(Arrival arrival, long most) throws IOException {
    return arrival.part(most).orElseThrow();
  }

  private static void fillAll(Arrival arrival) throws IOException {
    for (Optional<Arrival.Part> part = arrival.part(Long.MAX_VALUE);
        part.isPresent();
        part = arrival.part(Long.MAX_VALUE)) {
      fill(part.get(), part.get().end());
      part.get().close();
    }
  }

  private List<String> left() throws IOException {
    try (var files = Files.list(root.resolve("ingest"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void parts_mayComeInAnyOrder() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part first = part(arrival, CHUNK);
      Arrival.Part second = part(arrival, 2L * CHUNK);
      Arrival.Part third = part(arrival, CHUNK);
      assertEquals(Optional.empty(), arrival.part(CHUNK));
      assertEquals(0, first.at());
      assertEquals(CHUNK, second.at());
      assertEquals(3L * CHUNK, third.at());
      fill(third, third.end());
      fill(second, second.end());
      fill(first, first.end());
      arrival.commit(running);
    }
    assertArrayEquals(BYTES, store.read(DIGEST, BYTES.length));
    assertEquals(List.of(), left());
  }

  @Test
  void part_givenBack_isTakenUpWhereItBroke() throws Exception {
    try (Arrival arrival = arrive()) {
      try (Arrival.Part part = part(arrival, 2L * CHUNK)) {
        fill(part, 1234);
      }
      assertEquals(1234, part(arrival, CHUNK).at());
      assertEquals(1234, arrival.received());
    }
  }

  @Test
  void bytes_beyondAPart_areRefused() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part part = part(arrival, CHUNK);
      ImageException e =
          assertThrows(
              ImageException.class, () -> part.write(ByteBuffer.wrap(BYTES, 0, CHUNK + 1)));
      assertEquals(Kind.CORRUPT, e.kind());
    }
  }

  @Test
  void wrongContent_isNotCommitted_andLeavesNothingOnceSpoilt() throws Exception {
    try (Arrival arrival = store.arrive(Digest.sha256(new byte[1]), BYTES.length, running)) {
      fillAll(arrival);
      assertEquals(
          Kind.CORRUPT, assertThrows(ImageException.class, () -> arrival.commit(running)).kind());
      arrival.spoil();
    }
    assertEquals(List.of(), left());
  }

  @Test
  void missingBytes_areNotCommitted() throws Exception {
    try (Arrival arrival = arrive()) {
      fill(part(arrival, CHUNK), 10);
      assertEquals(
          Kind.CORRUPT, assertThrows(ImageException.class, () -> arrival.commit(running)).kind());
    }
    assertEquals(List.of(), left());
  }

  @Test
  void wholeChunks_outliveTheProcess() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part first = part(arrival, CHUNK);
      Arrival.Part second = part(arrival, CHUNK);
      fill(second, second.end());
      fill(first, 5000);
    }
    assertEquals(2, left().size());
    store = ContentStore.open(root, Steps.UNOBSERVED);
    try (Arrival arrival = arrive()) {
      assertEquals(CHUNK, arrival.received());
      Arrival.Part first = part(arrival, 99L * CHUNK);
      assertEquals(0, first.at());
      assertEquals(CHUNK, first.end());
      fill(first, first.end());
      fillAll(arrival);
      arrival.commit(running);
    }
    assertArrayEquals(BYTES, store.read(DIGEST, BYTES.length));
    assertEquals(List.of(), left());
  }

  @Test
  void chunks_damagedOnDisk_areFetchedAgain() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part part = part(arrival, 2L * CHUNK);
      fill(part, part.end());
    }
    Path file = root.resolve("ingest").resolve("sha256-" + DIGEST.hex() + ".part");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 77);
    }
    store = ContentStore.open(root, Steps.UNOBSERVED);
    try (Arrival arrival = arrive()) {
      assertEquals(CHUNK, arrival.received());
      assertEquals(0, part(arrival, CHUNK).at());
    }
  }

  @Test
  void notes_thatAreTornOrOfAnotherSize_areNotBelieved() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part part = part(arrival, 2L * CHUNK);
      fill(part, part.end());
    }
    Path notes = root.resolve("ingest").resolve("sha256-" + DIGEST.hex() + ".part.notes");
    String text = Files.readString(notes);
    Files.writeString(notes, text.substring(0, text.length() - 5));
    try (Arrival arrival = arrive()) {
      assertEquals(CHUNK, arrival.received());
    }
    try (Arrival arrival = store.arrive(DIGEST, BYTES.length + 1, running)) {
      assertEquals(0, arrival.received());
    }
    assertEquals(List.of(), left());
  }

  @Test
  void smallBlobs_leaveNothing() throws Exception {
    try (Arrival arrival = store.arrive(DIGEST, 100, running)) {
      part(arrival, 100).write(ByteBuffer.wrap(BYTES, 0, 100));
    }
    assertEquals(List.of(), left());
  }

  @Test
  void whatNobodyComesBackFor_goesAfterADay() throws Exception {
    try (Arrival arrival = arrive()) {
      Arrival.Part part = part(arrival, CHUNK);
      fill(part, part.end());
    }
    Path file = root.resolve("ingest").resolve("sha256-" + DIGEST.hex() + ".part");
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.now().minus(Arrivals.KEPT).plus(Duration.ofMinutes(5))));
    store = ContentStore.open(root, Steps.UNOBSERVED);
    assertEquals(2, left().size());
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.now().minus(Arrivals.KEPT).minus(Duration.ofMinutes(5))));
    store.arrive(Digest.sha256(new byte[2]), 100, running).close();
    assertEquals(List.of(), left());
  }

  @Test
  void follow_readsWhatComes_andEndsOnceItIsRight() throws Exception {
    CompletableFuture<byte[]> read;
    try (Arrival arrival = arrive()) {
      read = readAll();
      Arrival.Part first = part(arrival, CHUNK);
      Arrival.Part rest = part(arrival, Long.MAX_VALUE);
      fill(rest, rest.end());
      fill(first, first.end());
      assertFalse(read.isDone());
      arrival.commit(running);
    }
    assertArrayEquals(BYTES, read.get(10, TimeUnit.SECONDS));
    try (InputStream here = store.follow(DIGEST, running)) {
      assertArrayEquals(BYTES, here.readAllBytes());
    }
  }

  private CompletableFuture<byte[]> readAll() throws IOException {
    InputStream in = store.follow(DIGEST, running);
    return CompletableFuture.supplyAsync(
        () -> {
          try (in) {
            return in.readAllBytes();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void follow_failsWhenTheBlobBreaksOff_orBeginsAnew() throws Exception {
    try (Arrival arrival = arrive()) {
      CompletableFuture<byte[]> one = readAll();
      arrival.reset();
      assertTrue(one.handle((bytes, e) -> e != null).get(10, TimeUnit.SECONDS));
    }
    CompletableFuture<byte[]> other;
    try (Arrival arrival = arrive()) {
      other = readAll();
      fill(part(arrival, CHUNK), 100);
    }
    assertTrue(other.handle((bytes, e) -> e != null).get(10, TimeUnit.SECONDS));
    assertEquals(
        Kind.NOT_FOUND,
        assertThrows(ImageException.class, () -> store.follow(DIGEST, running)).kind());
  }

  @Test
  void sameBlob_arrivesOnceAtATime() throws Exception {
    Arrival first = arrive();
    CompletableFuture<Arrival> second =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return arrive();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertFalse(second.isDone());
    first.close();
    second.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void places_mayLieBeyondFourGigabytes() throws Exception {
    long size = (5L << 30) + 17;
    Digest other = Digest.sha256(new byte[3]);
    try (Arrival arrival = store.arrive(other, size, running)) {
      part(arrival, size - CHUNK);
      Arrival.Part last = part(arrival, CHUNK + 17);
      assertEquals(5L << 30, last.end() - 17);
      last.write(ByteBuffer.wrap(BYTES, 0, (int) (last.end() - last.at())));
    }
    try (Arrival arrival = store.arrive(other, size, running)) {
      assertTrue(arrival.received() > 0);
      assertTrue(part(arrival, size).end() > 4L << 30);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "gantry.tests.large", matches = "true")
  void blobOfFiveGigabytes_isGoneOnWith() throws Exception {
    // A file that is one hole, with notes that say that all chunks have come but the last.
    long size = 5L << 30;
    Digest digest =
        Digest.parse("sha256:7f06c62352aebd8125b2a1841e2b9e1ffcbed602f381c3dcb3200200e383d1d5");
    Path file = root.resolve("ingest").resolve("sha256-" + digest.hex() + ".part");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), size - CHUNK - 1);
    }
    CRC32C zeros = new CRC32C();
    zeros.update(new byte[CHUNK]);
    Map<Integer, Long> sums = new LinkedHashMap<>();
    for (int chunk = 0; chunk < size / CHUNK - 1; chunk++) {
      sums.put(chunk, zeros.getValue());
    }
    Notes.of(file, digest, size).write(sums);
    store = ContentStore.open(root, Steps.UNOBSERVED);
    try (Arrival arrival = store.arrive(digest, size, running)) {
      assertEquals(size - CHUNK, arrival.received());
      Arrival.Part last = part(arrival, 1 << 30);
      assertEquals(size - CHUNK, last.at());
      last.write(ByteBuffer.wrap(new byte[CHUNK]));
      arrival.commit(running);
    }
    assertTrue(store.has(digest));
  }
}
