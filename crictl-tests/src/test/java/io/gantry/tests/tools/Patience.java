package io.gantry.tests.tools;

import java.time.Duration;

/**
 * How much slower than usual the machine is: every deadline that only bounds a failure is that many
 * times longer. {@code -Dgantry.tests.patience=10} where the processor is emulated.
 *
 * <p>Not for times that a test states as the behaviour, such as a grace period.
 */
public final class Patience {

  private static final int FACTOR = Integer.getInteger("gantry.tests.patience", 1);

  private Patience() {}

  public static Duration of(Duration usual) {
    return usual.multipliedBy(FACTOR);
  }

  public static long seconds(long usual) {
    return usual * FACTOR;
  }
}
