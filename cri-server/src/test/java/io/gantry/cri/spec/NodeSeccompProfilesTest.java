package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Host.KernelVersion;
import io.gantry.runtime.oci.OciSeccomp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSeccompProfilesTest {
  @TempDir Path directory;

  private final NodeSeccompProfiles profiles =
      new NodeSeccompProfiles(new KernelVersion(6, 1, "6.1.0"));

  @Test
  void runtimeDefault_growsWithCapabilities() {
    assertFalse(allows(profiles.runtimeDefault(Set.of()), "mount"));
    assertTrue(allows(profiles.runtimeDefault(Set.of("CAP_SYS_ADMIN")), "mount"));
  }

  private static boolean allows(OciSeccomp profile, String call) {
    return profile.syscalls().stream()
        .anyMatch(rule -> rule.action().equals("SCMP_ACT_ALLOW") && rule.names().contains(call));
  }

  @Test
  void read_takesAProfileFile() throws IOException {
    Path file =
        Files.writeString(directory.resolve("p.json"), "{\"defaultAction\":\"SCMP_ACT_LOG\"}");
    assertEquals("SCMP_ACT_LOG", profiles.read(file).defaultAction());
  }

  @Test
  void read_tellsWhatIsWrong() throws IOException {
    assertEquals(
        "no such file",
        assertThrows(IOException.class, () -> profiles.read(directory.resolve("no"))).getMessage());
    Path file = Files.writeString(directory.resolve("p.json"), "nonsense");
    assertThrows(IOException.class, () -> profiles.read(file));
  }
}
