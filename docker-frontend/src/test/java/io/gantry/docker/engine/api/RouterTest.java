package io.gantry.docker.engine.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final Router router =
      new Router(
          List.of(
              Route.get("/containers/{id}/json", exchange -> {}),
              Route.get("/images/{name...}/json", exchange -> {}),
              Route.delete("/images/{name...}", exchange -> {})));

  @Test
  void find_takesTheVersionFromThePath() throws EngineException {
    Router.Found found = router.find("GET", "/v1.41/containers/abc/json");

    assertEquals(new ApiVersion(1, 41), found.version());
    assertEquals("/containers/abc/json", found.path());
    assertEquals(Map.of("id", "abc"), found.parameters());
  }

  @Test
  void find_withoutAVersionMeansTheNewest() throws EngineException {
    assertEquals(ApiVersion.NEWEST, router.find("GET", "/containers/abc/json").version());
  }

  @Test
  void find_letsNamesOfImagesHaveSlashes() throws EngineException {
    assertEquals(
        Map.of("name", "registry:5000/a/b:1"),
        router.find("GET", "/images/registry:5000/a/b:1/json").parameters());
    assertEquals(Map.of("name", "a/b"), router.find("DELETE", "/v1.50/images/a%2Fb").parameters());
  }

  @Test
  void find_knowsNoOtherPath() {
    EngineException failure =
        assertThrows(EngineException.class, () -> router.find("GET", "/v1.41/nowhere"));

    assertEquals(404, failure.status());
    assertEquals("page not found", failure.getMessage());
  }

  @Test
  void find_refusesVersionsThatAreNotSpoken() {
    assertEquals(
        "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your"
            + " client to a newer version",
        assertThrows(EngineException.class, () -> router.find("GET", "/v1.23/containers/a/json"))
            .getMessage());
    EngineException tooNew =
        assertThrows(EngineException.class, () -> router.find("GET", "/v1.99/containers/a/json"));
    assertEquals(
        "client version 1.99 is too new. Maximum supported API version is 1.56",
        tooNew.getMessage());
    assertEquals(400, tooNew.status());
  }
}
