package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallerPatienceTest {
  private final CallerPatience patience = new CallerPatience();

  @Test
  void await_seesTheEvent() throws Exception {
    assertTrue(patience.await(CompletableFuture.completedFuture(null), Duration.ofHours(1)));
    assertTrue(
        patience.await(
            CompletableFuture.failedFuture(new IllegalStateException()), Duration.ofHours(1)));
  }

  @Test
  void await_endsWithTheLimit() throws Exception {
    assertFalse(patience.await(new CompletableFuture<>(), Duration.ofMillis(1)));
  }

  @Test
  void await_endsWithTheCaller() {
    Context.CancellableContext caller = Context.current().withCancellation();
    caller.cancel(null);
    assertThrows(
        CriException.class,
        () -> caller.call(() -> patience.await(new CompletableFuture<>(), Duration.ofHours(1))));
  }
}
