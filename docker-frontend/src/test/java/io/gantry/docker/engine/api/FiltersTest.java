package io.gantry.docker.engine.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FiltersTest {
  @Test
  void of_readsBothForms() throws EngineException {
    assertEquals(List.of("running"), of("{\"status\":{\"running\":true}}").get("status"));
    assertEquals(List.of("running"), of("{\"status\":[\"running\"]}").get("status"));
  }

  @Test
  void of_refusesWhatTheListDoesNotHave() {
    EngineException failure =
        assertThrows(EngineException.class, () -> of("{\"colour\":{\"red\":true}}"));

    assertEquals(400, failure.status());
    assertEquals("invalid filter 'colour'", failure.getMessage());
  }

  @Test
  void of_refusesWhatIsNoJson() {
    assertEquals(400, assertThrows(EngineException.class, () -> of("{status")).status());
    assertEquals(400, assertThrows(EngineException.class, () -> of("[]")).status());
    assertEquals(400, assertThrows(EngineException.class, () -> of("{\"status\":1}")).status());
  }

  @Test
  void fits_holdsIfAnyValueDoes() throws EngineException {
    Filters filters = of("{\"status\":[\"running\",\"paused\"]}");

    assertTrue(filters.fits("status", "paused"::equals));
    assertFalse(filters.fits("status", "exited"::equals));
    assertTrue(filters.fits("label", "whatever"::equals), "what is not asked for fits");
  }

  @Test
  void fitsLabels_wantsAllOfThem() throws EngineException {
    Filters filters = of("{\"label\":[\"tier\",\"app=web\"]}");

    assertTrue(filters.fitsLabels("label", Map.of("tier", "x", "app", "web")));
    assertFalse(filters.fitsLabels("label", Map.of("tier", "x", "app", "db")));
    assertFalse(filters.fitsLabels("label", Map.of("app", "web")));
  }

  private static Filters of(String json) throws EngineException {
    return Filters.of(
        Query.parse("filters=" + URLEncoder.encode(json, StandardCharsets.UTF_8)),
        Set.of("status", "label"));
  }
}
