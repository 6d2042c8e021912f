package io.gantry.docker.engine.record;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the checks of a container's health have shown.
 *
 * @param status none, starting, healthy or unhealthy
 * @param failingStreak failed checks in a row
 * @param log the last checks, oldest first
 */
public record Health(String status, int failingStreak, List<Check> log) {
  public static final Health NONE = new Health("none", 0, List.of());
  public static final Health STARTING = new Health("starting", 0, List.of());

  private static final int KEPT = 5;

  public Health {
    log = List.copyOf(log);
  }

  /** One check. */
  public record Check(Instant start, Instant end, int exitCode, String output) {}

  /** This with one more check. */
  public Health with(Check check, String now, int streak) {
    List<Check> all = new ArrayList<>(log);
    all.add(check);
    return new Health(now, streak, all.subList(Math.max(0, all.size() - KEPT), all.size()));
  }
}
