package io.gantry.cri.selinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels of containers, on kernels with and without SELinux. */
class SeLinuxTest {
  @TempDir Path temp;

  @Test
  void defaults_areThePolicys() throws IOException {
    assertEquals(SeLinuxDefaults.USUAL, SeLinuxDefaults.read(temp));
    Files.writeString(temp.resolve("config"), "# a comment\nSELINUX=enforcing\nSELINUXTYPE=mls\n");
    Path contexts = Files.createDirectories(temp.resolve("mls/contexts"));
    Files.writeString(
        contexts.resolve("lxc_contexts"),
        "process = \"a_u:a_r:a_t:s0\"\nfile = \"b_u:b_r:b_t:s0:c1\"\n");
    SeLinuxDefaults found = SeLinuxDefaults.read(temp);
    assertEquals("a_u:a_r:a_t:s0", found.process().toString());
    assertEquals("b_u:b_r:b_t:s0:c1", found.file().toString());
    Files.writeString(contexts.resolve("lxc_contexts"), "file = wrong\n");
    assertThrows(IOException.class, () -> SeLinuxDefaults.read(temp));
  }

  @Test
  void levels_areEachPodsOwnUntilItIsRemoved() throws IOException {
    PodLevels levels = new PodLevels(temp, new Random(1));
    Set<String> given = new HashSet<>();
    for (int pod = 0; pod < 50; pod++) {
      Path directory = Files.createDirectory(temp.resolve("pod" + pod));
      String level = levels.allocate(directory);
      assertTrue(level.matches("s0:c\\d{1,4},c\\d{1,4}"), level);
      assertTrue(given.add(level), level);
      assertEquals(Optional.of(level), PodLevels.of(directory));
    }
    // Another daemon, that draws the same numbers, finds them taken.
    PodLevels later = new PodLevels(temp, new Random(1));
    String next = later.allocate(Files.createDirectory(temp.resolve("next")));
    assertTrue(given.add(next), next);
    assertEquals(next, later.allocate(temp.resolve("next")));
    Files.delete(temp.resolve("next/selinux-level"));
    assertEquals(Optional.empty(), PodLevels.of(temp.resolve("next")));
  }

  @Test
  @Tag("root")
  void relabel_reachesAllOfAVolumeAndNothingElse() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    Path volume = Files.createDirectories(temp.resolve("volume/below")).getParent();
    Files.writeString(volume.resolve("below/file"), "x");
    Path outside = Files.writeString(temp.resolve("outside"), "x");
    Files.createSymbolicLink(volume.resolve("link"), outside);
    new Relabeling(Linux.open().files()).relabel(volume, "u:r:t:s0");
    for (String path : List.of("volume", "volume/below", "volume/below/file")) {
      assertEquals("u:r:t:s0\0", label(temp.resolve(path)), path);
    }
    assertThrows(LinuxException.class, () -> label(outside));
  }

  private static String label(Path file) throws LinuxException {
    return new String(Linux.open().files().getxattr(Fd.CWD, file.toString(), "security.selinux"));
  }

  @Test
  void relabel_leavesTheNodesOwnDirectoriesAlone() {
    Relabeling relabeling = new Relabeling(Linux.open().files());
    for (String path : List.of("/", "/etc", "/var/lib", "/usr/../home")) {
      assertThrows(
          IllegalArgumentException.class, () -> relabeling.relabel(Path.of(path), "u:r:t:s0"));
    }
  }
}
