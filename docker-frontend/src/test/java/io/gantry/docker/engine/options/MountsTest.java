package io.gantry.docker.engine.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountsTest {
  @Test
  void binds_areOfThreeKinds() throws EngineException {
    List<Mounts.Wish> mounts = binds("/host:/a:ro", "data:/b", "/c");

    assertEquals("bind", mounts.get(0).type());
    assertTrue(mounts.get(0).readonly());
    assertTrue(mounts.get(0).makeSource());
    assertEquals("volume", mounts.get(1).type());
    assertEquals("data", mounts.get(1).source());
    assertTrue(mounts.get(1).copy());
    assertEquals("volume", mounts.get(2).type());
    assertEquals("", mounts.get(2).source(), "one of its own");
  }

  @Test
  void binds_thatMakeNoSenseAreRefused() {
    assertThrows(EngineException.class, () -> binds("/a:/b:/c:/d"));
    assertThrows(EngineException.class, () -> binds("/a:b"));
    assertThrows(EngineException.class, () -> binds("/a:/"));
    assertThrows(EngineException.class, () -> binds("/a:/b:sideways"));
    assertThrows(EngineException.class, () -> binds("a/b:/c"));
    assertThrows(EngineException.class, () -> binds("/a:/x", "/b:/x/"));
  }

  @Test
  void volumesOfTheImage_giveWayToWhatIsAskedFor() throws EngineException {
    ObjectNode config = Json.object();
    config.putObject("Volumes").putObject("/data");
    ObjectNode host = Json.object();
    host.putArray("Binds").add("mine:/data");

    List<Mounts.Wish> mounts = Mounts.of(config, host);

    assertEquals(1, mounts.size());
    assertEquals("mine", mounts.get(0).source());
  }

  @Test
  void mount_ofABindNeedsItsSource() throws EngineException {
    ObjectNode host = Json.object();
    host.putArray("Mounts")
        .addObject()
        .put("Type", "bind")
        .put("Source", "/host")
        .put("Target", "/a");

    assertFalse(Mounts.of(Json.object(), host).get(0).makeSource());
  }

  private static List<Mounts.Wish> binds(String... texts) throws EngineException {
    ObjectNode host = Json.object();
    host.set("Binds", Json.texts(List.of(texts)));
    return Mounts.of(Json.object(), host);
  }
}
