package io.gantry.docker.engine.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LogSettingsTest {

  /**
   * @param options names and values, one after another
   */
  private static LogSettings of(String driver, String... options) throws EngineException {
    ObjectNode host = Json.object();
    ObjectNode config = host.putObject("LogConfig").put("Type", driver).putObject("Config");
    for (int i = 0; i < options.length; i += 2) {
      config.put(options[i], options[i + 1]);
    }
    return LogSettings.of(host);
  }

  private static String refusal(String driver, String... options) {
    return assertThrows(EngineException.class, () -> of(driver, options)).getMessage();
  }

  @Test
  void unsaid_isOneFileThatGrowsWithoutEnd() throws EngineException {
    assertEquals(new LogSettings("json-file", OptionalLong.empty(), 1), of(""));
    assertEquals(of(""), LogSettings.of(Json.object()));
    assertTrue(of("").isKept());
    assertFalse(of("none").isKept());
  }

  @Test
  void sizes_haveUnits() throws EngineException {
    assertEquals(
        new LogSettings("json-file", OptionalLong.of(10 << 20), 3),
        of("json-file", "max-size", "10m", "max-file", "3"));
    assertEquals(OptionalLong.empty(), of("json-file", "max-size", "-1").maxBytes());
  }

  @Test
  void local_isBoundedByItself() throws EngineException {
    assertEquals(new LogSettings("local", OptionalLong.of(20 << 20), 5), of("local"));
  }

  @Test
  void whatCannotBe_isRefusedInDockersWords() {
    assertEquals(
        "max-file option should be used with max-size option",
        refusal("json-file", "max-file", "2"));
    assertEquals(
        "unknown log opt 'mode' for json-file log driver", refusal("json-file", "mode", "x"));
    assertTrue(refusal("syslog").contains("no log driver named 'syslog'"), refusal("syslog"));
  }
}
