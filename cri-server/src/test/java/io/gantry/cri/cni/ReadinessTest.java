package io.gantry.cri.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReadinessTest {
  private static final Optional<String> CONFIGURATION = Optional.of("{}");
  private static final NetworkState READY = new NetworkState(Optional.empty(), CONFIGURATION);

  @Test
  void answer_isHandedOn() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    NetworkState notYet = new NetworkState(Optional.of("not yet"), Optional.empty());
    Readiness readiness =
        new Readiness(() -> asked.incrementAndGet() == 1 ? notYet : READY, Duration.ofMinutes(1));
    assertEquals(notYet, readiness.state());
    assertEquals(READY, readiness.state());
  }

  @Test
  void questionWithoutAnswer_isAProblem_andAskedOnce() throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Readiness readiness =
        new Readiness(
            () -> {
              if (asked.incrementAndGet() > 1) {
                hang.await();
              }
              return READY;
            },
            Duration.ofMillis(20));
    while (!readiness.state().equals(READY)) {
      Thread.onSpinWait(); // A thread may take its time to begin.
    }
    for (int i = 0; i < 2; i++) {
      NetworkState unknown = readiness.state();
      assertTrue(unknown.problem().orElseThrow().contains("does not answer"));
      assertEquals(CONFIGURATION, unknown.configuration(), "as it was known last");
    }
    assertEquals(2, asked.get());
    hang.countDown();
    while (readiness.state().problem().isPresent()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void patience_isTheQuestionsAndNotEachAskers() throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    Duration patience = Duration.ofSeconds(2);
    Readiness readiness =
        new Readiness(
            () -> {
              hang.await();
              return READY;
            },
            patience);
    readiness.state();
    long begin = System.nanoTime();
    assertTrue(readiness.state().problem().isPresent());
    assertTrue(Duration.ofNanos(System.nanoTime() - begin).compareTo(patience) < 0);
    hang.countDown();
  }

  @Test
  void questionThatFails_isAProblemInItsWords() throws Exception {
    Readiness readiness =
        new Readiness(
            () -> {
              throw new java.io.IOException("EIO");
            },
            Duration.ofMinutes(1));
    assertTrue(readiness.state().problem().orElseThrow().contains("EIO"));
  }
}
