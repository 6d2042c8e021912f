package io.gantry.cri.streaming;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What clients were promised and have not come for. A token is the only proof that a client may
 * have it: nobody guesses it, it is good once, and not for long. Thread-safe.
 *
 * @param <T> what is promised
 */
final class Tokens<T> {
  static final Duration LIFE = Duration.ofMinutes(1);
  static final int LIMIT = 1000;
  static final int RANDOM_BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final LongSupplier nanoClock;
  private final Map<String, Entry<T>> promises = new LinkedHashMap<>(); // oldest first

  private record Entry<T>(T what, long madeNanos) {}

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  Tokens(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * A new token for {@code what}: 43 characters that need no escape in a URL.
   *
   * @throws CriException EXHAUSTED when too many wait already
   */
  synchronized String issue(T what) {
    forgetExpired();
    if (promises.size() >= LIMIT) {
      throw new CriException(
          Failure.EXHAUSTED,
          "%d streaming requests wait for their clients; one lapses after %d s"
              .formatted(LIMIT, LIFE.toSeconds()));
    }
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    promises.put(token, new Entry<>(what, nanoClock.getAsLong()));
    return token;
  }

  /** What was promised for the token, once; empty if it is unknown, used or too old. */
  synchronized Optional<T> redeem(String token) {
    forgetExpired();
    return Optional.ofNullable(promises.remove(token)).map(Entry::what);
  }

  private void forgetExpired() {
    long now = nanoClock.getAsLong();
    Iterator<Entry<T>> each = promises.values().iterator();
    while (each.hasNext() && now - each.next().madeNanos() >= LIFE.toNanos()) {
      each.remove();
    }
  }
}
