package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import java.time.Duration;

/**
 * Whether and when a container that has ended is started again.
 *
 * @param mostRetries of on-failure; 0 for no end
 */
public record RestartPolicy(Kind kind, int mostRetries) {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** A run that lasted so long was a good one: pauses begin anew. */
  public static final Duration LONG_RUN = Duration.ofSeconds(10);

  /** The policies that there are. */
  public enum Kind {
    NO,
    ALWAYS,
    UNLESS_STOPPED,
    ON_FAILURE
  }

  /**
   * Reads HostConfig.RestartPolicy.
   *
   * @throws EngineException if there is no such policy
   */
  public static RestartPolicy of(JsonNode policy) throws EngineException {
    int retries = policy.path("MaximumRetryCount").asInt();
    String name = policy.path("Name").asText("");
    Kind kind =
        switch (name) {
          case "", "null", "no" -> Kind.NO;
          case "always" -> Kind.ALWAYS;
          case "unless-stopped" -> Kind.UNLESS_STOPPED;
          case "on-failure" -> Kind.ON_FAILURE;
          default ->
              throw EngineException.badRequest(
                  "invalid restart policy: unknown policy '"
                      + name
                      + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        };
    if (retries < 0) {
      throw EngineException.badRequest(
          "invalid restart policy: maximum retry count cannot be negative");
    }
    if (retries > 0 && kind != Kind.ON_FAILURE) {
      throw EngineException.badRequest(
          "invalid restart policy: maximum retry count can only be used with 'on-failure'");
    }
    return new RestartPolicy(kind, retries);
  }

  /** Whether a container that ended by itself is started again. */
  public boolean restarts(int exitCode, int restartsSoFar, boolean stoppedByHand) {
    if (stoppedByHand) {
      return false;
    }
    return switch (kind) {
      case NO -> false;
      case ALWAYS, UNLESS_STOPPED -> true;
      case ON_FAILURE -> exitCode != 0 && (mostRetries == 0 || restartsSoFar < mostRetries);
    };
  }

  /** Whether a container that does not run is started with the daemon. */
  public boolean startsWithDaemon(boolean stoppedByHand) {
    return kind == Kind.ALWAYS || kind == Kind.UNLESS_STOPPED && !stoppedByHand;
  }

  /** How long to wait before the next start: twice as long each time. */
  public static Duration pause(int failures) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 20));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }
}
