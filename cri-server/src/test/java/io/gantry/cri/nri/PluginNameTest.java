package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginNameTest {
  @Test
  void file_isIndexAndName() {
    assertEquals(new PluginName("10", "device-injector"), PluginName.ofFile("10-device-injector"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"logger", "1-logger", "100-logger", "ab-logger", "10-", "10-a b", "10-a/b"})
  void otherFiles_areRefused(String file) {
    assertThrows(IllegalArgumentException.class, () -> PluginName.ofFile(file));
  }

  @Test
  void plugins_areOrderedByIndexAndThenByName() {
    assertTrue(new PluginName("05", "z").compareTo(new PluginName("10", "a")) < 0);
    assertTrue(new PluginName("10", "a").compareTo(new PluginName("10", "b")) < 0);
  }
}
