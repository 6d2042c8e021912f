package io.gantry.cri.container;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Waits for events; time and the caller's own patience are its business. Thread-safe. */
@FunctionalInterface
public interface Patience {
  /**
   * Waits until {@code event} completes, in whatever way.
   *
   * @return false if {@code limit} was over first
   * @throws io.gantry.cri.grpc.CriException if the caller that is served on this thread gave up
   */
  boolean await(CompletableFuture<?> event, Duration limit) throws InterruptedException;
}
