package io.gantry.cri.criu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a CRIU that is missing or does not work. */
class CriuTest {
  @TempDir Path directory;

  private Path program(String script) throws IOException {
    Path file = Files.writeString(directory.resolve("criu"), "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String refused(String configured) {
    CriException refused =
        assertThrows(CriException.class, () -> new Criu(() -> configured).require());
    assertEquals(Failure.WRONG_STATE, refused.failure());
    return refused.getMessage();
  }

  @Test
  void programThatIsNotThere_isNamed() {
    String path = directory.resolve("none").toString();
    assertTrue(refused(path).contains(path), refused(path));
  }

  @Test
  void nameThatIsNowhere_isNamedWithTheDirectoriesLookedIn() {
    String words = refused("gantry-no-such-criu");
    assertTrue(words.contains("\"gantry-no-such-criu\" in /usr/local/sbin:"), words);
  }

  @Test
  void failedCheck_isToldInItsOwnWords() throws IOException {
    String words = refused(program("echo \"Unexpected $1 area\" >&2; exit 1").toString());
    assertTrue(words.contains("Unexpected check area"), words);
  }

  @Test
  void programThatWorks_isGivenAsItsPath() throws Exception {
    Path works = program("exit 0");
    assertEquals(works, new Criu(works::toString).require());
  }
}
