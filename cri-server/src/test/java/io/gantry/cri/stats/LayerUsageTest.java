package io.gantry.cri.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.cri.container.FakeImages;
import io.gantry.runtime.linux.Linux;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerUsageTest {
  @TempDir Path directory;
  private final Deque<Runnable> later = new ArrayDeque<>();
  private final Time clock = new Time();
  private LayerUsage layers;

  /** Time that passes when told. */
  private static final class Time extends Clock {
    Instant now = Instant.EPOCH;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @BeforeEach
  void setUp() {
    layers =
        new LayerUsage(
            new FakeImages().snapshots(), directory, Linux.open().files(), clock, later::add);
  }

  @Test
  void of_neverLooksItself() {
    assertEquals(true, layers.of("c").isEmpty());
    assertEquals(1, later.size());
    later.remove().run();
    assertEquals(Instant.EPOCH, layers.of("c").orElseThrow().at());
    assertEquals(0, later.size());
  }

  @Test
  void of_whatIsOldIsShownAndFoundAnew() {
    layers.refresh("c");
    later.remove().run();
    clock.now = Instant.ofEpochSecond(10);
    assertEquals(Instant.EPOCH, layers.of("c").orElseThrow().at());
    later.remove().run();
    assertEquals(clock.now, layers.of("c").orElseThrow().at());
  }

  @Test
  void of_asksOnceHoweverManyAsk() {
    layers.of("c");
    layers.of("c");
    layers.refresh("c");
    assertEquals(1, later.size());
  }

  @Test
  void forget_holdsAlsoForALookThatIsUnderWay() {
    layers.of("c");
    layers.forget("c");
    later.remove().run();
    assertEquals(true, layers.of("c").isEmpty());
  }
}
