package io.gantry.cri.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

  @Test
  void caller_mustSayHowLongItWaits() {
    CriException refused =
        assertThrows(CriException.class, () -> TimeLimit.ofCaller("checkpoint pod"));

    assertEquals(Failure.INVALID_REQUEST, refused.failure());
    assertEquals("checkpoint pod: the call must have a deadline", refused.getMessage());
  }

  @Test
  void caller_isWaitedForAsLongAsItWaits() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Context.CancellableContext caller =
        Context.current().withDeadlineAfter(1, TimeUnit.HOURS, timer)) {
      TimeLimit limit = caller.call(() -> TimeLimit.ofCaller("checkpoint pod"));

      assertTrue(limit.left().compareTo(Duration.ofHours(1)) <= 0, () -> limit.left().toString());
      assertTrue(limit.left().compareTo(Duration.ofMinutes(50)) > 0, "nearly an hour is left");
      caller.cancel(null);
      CriException gone = assertThrows(CriException.class, limit::left);
      assertEquals(Failure.TIMED_OUT, gone.failure());
    } finally {
      timer.shutdownNow();
    }
  }
}
