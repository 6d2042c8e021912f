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
  @Test
  void answer_isHandedOn() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Readiness readiness =
        new Readiness(
            () -> asked.incrementAndGet() == 1 ? Optional.of("not yet") : Optional.empty(),
            Duration.ofMinutes(1));
    assertEquals(Optional.of("not yet"), readiness.problem());
    assertEquals(Optional.empty(), readiness.problem());
  }

  @Test
  void questionWithoutAnswer_isAProblem_andAskedOnce() throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Readiness readiness =
        new Readiness(
            () -> {
              asked.incrementAndGet();
              hang.await();
              return Optional.empty();
            },
            Duration.ofMillis(20));
    assertTrue(readiness.problem().orElseThrow().contains("does not answer"));
    assertTrue(readiness.problem().orElseThrow().contains("does not answer"));
    assertEquals(1, asked.get());
    hang.countDown();
    while (readiness.problem().isPresent()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void questionThatFails_isAProblemInItsWords() throws Exception {
    Readiness readiness =
        new Readiness(
            () -> {
              throw new java.io.IOException("EIO");
            },
            Duration.ofMinutes(1));
    assertTrue(readiness.problem().orElseThrow().contains("EIO"));
  }
}
