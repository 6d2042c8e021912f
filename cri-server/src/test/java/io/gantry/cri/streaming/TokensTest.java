package io.gantry.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokensTest {
  private long now = Long.MAX_VALUE - 5; // nanoTime may overflow
  private final Tokens<String> tokens = new Tokens<>(() -> now);

  @Test
  void token_isGoodOnce() {
    String token = tokens.issue("exec");

    assertEquals(Optional.of("exec"), tokens.redeem(token));
    assertEquals(Optional.empty(), tokens.redeem(token));
    assertEquals(Optional.empty(), tokens.redeem(""));
  }

  @Test
  void token_isGoodForOneMinute() {
    String first = tokens.issue("first");
    String second = tokens.issue("second");
    now += Duration.ofSeconds(60).toNanos() - 1;
    assertEquals(Optional.of("first"), tokens.redeem(first));
    now += 1;
    assertEquals(Optional.empty(), tokens.redeem(second));
  }

  @Test
  void thousandWait_andNoMoreUntilOneComesOrLapses() {
    String some = "";
    for (int i = 0; i < 1000; i++) {
      some = tokens.issue("x");
    }
    assertEquals(
        Failure.EXHAUSTED, assertThrows(CriException.class, () -> tokens.issue("x")).failure());
    tokens.redeem(some);
    tokens.issue("x");
    now += Duration.ofMinutes(1).toNanos();
    assertEquals(Optional.of("y"), tokens.redeem(tokens.issue("y")));
  }
}
