package io.gantry.runtime.shim;

import io.gantry.runtime.ttrpc.ServerCall;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The sessions of a shim's clients: a shim whose containers are gone still has their last output to
 * tell. Thread-safe.
 */
final class OpenSessions {
  private static final int LIMIT_SECONDS = 10;
  private static final int LOOK_AGAIN_MILLIS = 20;

  private final Set<ServerCall> calls = new HashSet<>(); // guarded by this

  synchronized void add(ServerCall call) {
    calls.removeIf(ServerCall::ended);
    calls.add(call);
  }

  /** Waits until all have ended, but for those whose clients do not read. */
  void awaitEnd() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    try {
      while (isAnyOpen() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isAnyOpen() {
    calls.removeIf(ServerCall::ended);
    return !calls.isEmpty();
  }
}
