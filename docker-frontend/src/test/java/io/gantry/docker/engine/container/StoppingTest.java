package io.gantry.docker.engine.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StoppingTest {
  private final ObjectNode config = Json.object();

  @Test
  void patience_isTenSecondsUnlessSomebodySaysOtherwise() {
    assertEquals(10, Stopping.patienceSeconds(config, OptionalLong.empty()));
    config.put("StopTimeout", 3);
    assertEquals(3, Stopping.patienceSeconds(config, OptionalLong.empty()));
    assertEquals(0, Stopping.patienceSeconds(config, OptionalLong.of(0)));
  }

  @Test
  void negativePatience_isAllTheTimeThereIs() {
    assertEquals(Integer.MAX_VALUE, Stopping.patienceSeconds(config, OptionalLong.of(-1)));
  }
}
