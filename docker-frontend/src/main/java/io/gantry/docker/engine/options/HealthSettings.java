package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a container's health is checked. */
public record HealthSettings(
    List<String> command,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    int retries) {
  private static final Duration USUAL = Duration.ofSeconds(30);
  private static final Duration START_INTERVAL = Duration.ofSeconds(5);
  private static final int RETRIES = 3;
  private static final List<String> TIMES =
      List.of("Interval", "Timeout", "StartPeriod", "StartInterval");

  /**
   * What was asked for, and what the image says of the rest.
   *
   * @throws EngineException if a time or count is out of range
   */
  static ObjectNode merge(JsonNode asked, JsonNode image) throws EngineException {
    ObjectNode all = Json.object();
    boolean hasTest = !asked.path("Test").isEmpty();
    all.set("Test", Json.texts(Json.listOf((hasTest ? asked : image).path("Test"))));
    for (String time : TIMES) {
      long nanos = asked.path(time).asLong();
      if (nanos < 0 || nanos > 0 && nanos < 1_000_000) {
        throw EngineException.badRequest(time + " in Healthcheck cannot be less than 1ms");
      }
      all.put(time, nanos != 0 ? nanos : image.path(time).asLong());
    }
    int retries = asked.path("Retries").asInt();
    if (retries < 0) {
      throw EngineException.badRequest("Retries in Healthcheck cannot be negative");
    }
    all.put("Retries", retries != 0 ? retries : image.path("Retries").asInt());
    return all;
  }

  /** Reads Config; empty if nothing is to be checked. */
  public static Optional<HealthSettings> of(JsonNode config) {
    JsonNode health = config.path("Healthcheck");
    List<String> test = Json.listOf(health.path("Test"));
    if (test.isEmpty() || test.get(0).equals("NONE")) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>();
    if (test.get(0).equals("CMD-SHELL")) {
      List<String> shell = Json.listOf(config.path("Shell"));
      command.addAll(shell.isEmpty() ? List.of("/bin/sh", "-c") : shell);
      command.add(String.join(" ", test.subList(1, test.size())));
    } else {
      command.addAll(test.get(0).equals("CMD") ? test.subList(1, test.size()) : test);
    }
    int retries = health.path("Retries").asInt();
    return Optional.of(
        new HealthSettings(
            List.copyOf(command),
            time(health, "Interval", USUAL),
            time(health, "Timeout", USUAL),
            time(health, "StartPeriod", Duration.ZERO),
            time(health, "StartInterval", START_INTERVAL),
            retries == 0 ? RETRIES : retries));
  }

  private static Duration time(JsonNode health, String field, Duration otherwise) {
    long nanos = health.path(field).asLong();
    return nanos == 0 ? otherwise : Duration.ofNanos(nanos);
  }
}
