package io.gantry.docker.engine.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  @Test
  void pause_doublesUpToAMinute() {
    assertEquals(Duration.ofMillis(100), RestartPolicy.pause(0));
    assertEquals(Duration.ofMillis(200), RestartPolicy.pause(1));
    assertEquals(Duration.ofMillis(800), RestartPolicy.pause(3));
    assertEquals(Duration.ofMinutes(1), RestartPolicy.pause(10));
    assertEquals(Duration.ofMinutes(1), RestartPolicy.pause(1000));
  }

  @Test
  void onFailure_heedsTheCodeAndTheCount() throws EngineException {
    RestartPolicy policy = of("on-failure", 2);

    assertFalse(policy.restarts(0, 0, false));
    assertTrue(policy.restarts(1, 1, false));
    assertFalse(policy.restarts(1, 2, false));
  }

  @Test
  void whatWasStoppedByHand_staysStoppedUntilTheDaemonStarts() throws EngineException {
    assertFalse(of("always", 0).restarts(0, 0, true));
    assertTrue(of("always", 0).startsWithDaemon(true));
    assertFalse(of("unless-stopped", 0).startsWithDaemon(true));
    assertTrue(of("unless-stopped", 0).startsWithDaemon(false));
    assertFalse(of("no", 0).startsWithDaemon(false));
  }

  @Test
  void of_refusesOtherPolicies() {
    assertThrows(EngineException.class, () -> of("sometimes", 0));
    assertThrows(EngineException.class, () -> of("always", 3));
    assertThrows(EngineException.class, () -> of("on-failure", -1));
  }

  private static RestartPolicy of(String name, int retries) throws EngineException {
    return RestartPolicy.of(Json.object().put("Name", name).put("MaximumRetryCount", retries));
  }
}
