package io.gantry.docker.engine.logs;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Times;
import java.time.Instant;
import java.util.Optional;

/**
 * Which lines of a log are wanted, and how.
 *
 * @param tail how many of the last lines; negative for all
 */
public record LogRequest(
    boolean stdout,
    boolean stderr,
    Optional<Instant> since,
    Optional<Instant> until,
    boolean timestamps,
    boolean follow,
    long tail) {

  /** Everything there is, without more. */
  public static LogRequest everything(boolean stdout, boolean stderr) {
    return new LogRequest(stdout, stderr, Optional.empty(), Optional.empty(), false, false, -1);
  }

  /**
   * Reads the parameters of the endpoint.
   *
   * @throws EngineException if neither stream is wanted, or a value has another form
   */
  public static LogRequest of(Query query, Instant now) throws EngineException {
    boolean stdout = query.flag("stdout");
    boolean stderr = query.flag("stderr");
    if (!stdout && !stderr) {
      throw EngineException.badRequest("Bad parameters: you must choose at least one stream");
    }
    return new LogRequest(
        stdout,
        stderr,
        Times.parse("since", query.text("since"), now),
        Times.parse("until", query.text("until"), now),
        query.flag("timestamps"),
        query.flag("follow"),
        tail(query.text("tail")));
  }

  /** As Docker reads it: what is no number means all. */
  private static long tail(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  boolean wants(LogLine line) {
    return (line.error() ? stderr : stdout)
        && (since.isEmpty() || !line.time().isBefore(since.get()))
        && (until.isEmpty() || !line.time().isAfter(until.get()));
  }

  boolean isPast(LogLine line) {
    return until.isPresent() && line.time().isAfter(until.get());
  }
}
