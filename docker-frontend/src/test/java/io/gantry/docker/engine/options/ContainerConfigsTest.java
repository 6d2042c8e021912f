package io.gantry.docker.engine.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerConfigsTest {
  private static final String IMAGE =
      """
      {"Entrypoint": ["entry"], "Cmd": ["image"], "Env": ["A=1", "B=2"], "User": "someone"}
      """;

  @Test
  void command_ofTheImageGoesWithAnotherEntrypoint() throws EngineException {
    assertEquals(List.of("entry", "image"), arguments("{}"));
    assertEquals(List.of("entry", "mine"), arguments("{\"Cmd\": [\"mine\"]}"));
    assertEquals(List.of("other"), arguments("{\"Entrypoint\": [\"other\"]}"));
    assertEquals(List.of("mine"), arguments("{\"Entrypoint\": [\"\"], \"Cmd\": [\"mine\"]}"));
  }

  @Test
  void environment_isTheImagesWithChanges() throws EngineException {
    JsonNode config = merged("{\"Env\": [\"B=3\", \"C=4\", \"A\"]}");

    assertEquals(
        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "B=3", "C=4"),
        Json.listOf(config.path("Env")));
    assertEquals("someone", config.path("User").asText());
  }

  @Test
  void nothingToRun_isRefused() {
    assertThrows(EngineException.class, () -> ContainerConfigs.merge(Json.object(), Json.object()));
  }

  private static List<String> arguments(String asked) throws EngineException {
    return ContainerConfigs.arguments(merged(asked));
  }

  private static JsonNode merged(String asked) throws EngineException {
    return ContainerConfigs.merge(Json.parse(asked, "test"), Json.parse(IMAGE, "test"));
  }
}
