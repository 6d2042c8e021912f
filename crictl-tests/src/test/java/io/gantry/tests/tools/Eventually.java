package io.gantry.tests.tools;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Waits for a condition that another process brings about.
 *
 * <p>The condition is asked again and again, so a test ends as soon as it holds and its length
 * never depends on a guessed delay; the deadline only bounds a failure.
 */
public final class Eventually {

  private static final Duration BETWEEN_TRIES = Duration.ofMillis(10);

  private Eventually() {}

  /** A condition that is satisfied once it returns without throwing. */
  @FunctionalInterface
  public interface Condition {
    void check() throws Exception;
  }

  /**
   * Waits until the value satisfies the predicate and returns that value.
   *
   * @throws AssertionError when the deadline passes, with what was waited for and the last value
   */
  public static <T> T get(
      String what, Duration deadline, Callable<T> value, Predicate<? super T> wanted) {
    Object[] last = new Object[1];
    holds(
        what,
        deadline,
        () -> {
          T now = value.call();
          last[0] = now;
          if (!wanted.test(now)) {
            throw new AssertionError("last seen: " + now);
          }
        });
    @SuppressWarnings("unchecked") // Only ever assigned from value.call() above.
    T found = (T) last[0];
    return found;
  }

  /**
   * Waits until the condition no longer throws.
   *
   * @throws AssertionError when the deadline passes, with the last failure as its cause
   */
  public static void holds(String what, Duration deadline, Condition condition) {
    Duration patient = Patience.of(deadline);
    long end = System.nanoTime() + patient.toNanos();
    while (true) {
      try {
        condition.check();
        return;
      } catch (Exception | AssertionError failure) {
        if (System.nanoTime() > end) {
          throw new AssertionError(
              "not within " + patient.toSeconds() + " s: " + what + ": " + failure.getMessage(),
              failure);
        }
      }
      LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      if (Thread.interrupted()) {
        throw new IllegalStateException("interrupted while waiting for " + what);
      }
    }
  }
}
