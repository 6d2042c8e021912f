package io.gantry.docker.engine.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.docker.engine.api.EngineException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

  @Test
  void filter_detachesAtTheUsualKeys() throws EngineException {
    assertTrue(type(DetachKeys.parse(""), "ls\n\u0010\u0011rest"));
    assertEquals("ls\n", passed.toString(StandardCharsets.UTF_8));
  }

  @Test
  void filter_seesKeysThatComeOneByOne() throws EngineException {
    DetachKeys keys = DetachKeys.parse("");

    assertFalse(type(keys, "\u0010"));
    assertTrue(type(keys, "\u0011"));
    assertEquals("", passed.toString(StandardCharsets.UTF_8));
  }

  @Test
  void filter_passesABeginningThatLedNowhere() throws EngineException {
    DetachKeys keys = DetachKeys.parse("");

    assertFalse(type(keys, "\u0010"));
    assertFalse(type(keys, "x"));
    assertEquals("\u0010x", passed.toString(StandardCharsets.UTF_8));
  }

  @Test
  void parse_takesLettersAndControls() throws EngineException {
    assertTrue(type(DetachKeys.parse("ctrl-a,d"), "\u0001d"));
    assertTrue(type(DetachKeys.parse("ctrl-@"), "\u0000"));
    assertThrows(EngineException.class, () -> DetachKeys.parse("ctrl-%"));
    assertThrows(EngineException.class, () -> DetachKeys.parse("escape"));
  }

  private boolean type(DetachKeys keys, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return keys.filter(bytes, bytes.length, passed);
  }
}
