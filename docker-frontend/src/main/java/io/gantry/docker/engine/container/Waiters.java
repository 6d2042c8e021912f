package io.gantry.docker.engine.container;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Clients that wait for containers to end, or to be gone. */
final class Waiters {
  private final Map<String, List<CompletableFuture<Outcome>>> exits = new HashMap<>();
  private final Map<String, List<CompletableFuture<Outcome>>> removals = new HashMap<>();

  /**
   * How a wait ended.
   *
   * @param error why a container could not be removed; "" if it could
   */
  record Outcome(int exitCode, String error) {}

  /** Completes at the next end. */
  synchronized CompletableFuture<Outcome> nextExit(String id) {
    return add(exits, id);
  }

  synchronized CompletableFuture<Outcome> removal(String id) {
    return add(removals, id);
  }

  private static CompletableFuture<Outcome> add(
      Map<String, List<CompletableFuture<Outcome>>> waiting, String id) {
    CompletableFuture<Outcome> future = new CompletableFuture<>();
    waiting.computeIfAbsent(id, any -> new ArrayList<>()).add(future);
    return future;
  }

  void exited(String id, Outcome outcome) {
    tell(exits, id, outcome);
  }

  void removed(String id, Outcome outcome) {
    tell(exits, id, outcome);
    tell(removals, id, outcome);
  }

  private void tell(
      Map<String, List<CompletableFuture<Outcome>>> waiting, String id, Outcome outcome) {
    List<CompletableFuture<Outcome>> told;
    synchronized (this) {
      told = waiting.remove(id);
    }
    if (told != null) {
      told.forEach(future -> future.complete(outcome));
    }
  }
}
