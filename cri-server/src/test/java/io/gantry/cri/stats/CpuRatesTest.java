package io.gantry.cri.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CpuRatesTest {
  private static final Instant START = Instant.EPOCH;
  private final CpuRates rates = new CpuRates();

  @Test
  void nanoCores_firstLookMeasuresFromTheStart() {
    assertEquals(OptionalLong.of(500_000_000), look(2_000, 1_000_000_000));
  }

  @Test
  void nanoCores_laterLooksMeasureFromTheOneBefore() {
    look(2_000, 1_000_000_000);
    assertEquals(OptionalLong.of(2_000_000_000L), look(3_000, 3_000_000_000L));
  }

  @Test
  void nanoCores_tooCloseALookGetsTheLastRateAgain() {
    look(2_000, 1_000_000_000);
    assertEquals(OptionalLong.of(500_000_000), look(2_050, 1_040_000_000));
  }

  @Test
  void nanoCores_isUnknownRightAfterTheStart() {
    assertEquals(OptionalLong.empty(), look(1, 1_000));
  }

  @Test
  void forget_beginsAnew() {
    look(2_000, 1_000_000_000);
    rates.forget("c");
    assertEquals(OptionalLong.of(1_000_000_000), look(4_000, 4_000_000_000L));
  }

  private OptionalLong look(long millis, long cpuNanos) {
    return rates.nanoCores("c", START, START.plusMillis(millis), cpuNanos);
  }
}
