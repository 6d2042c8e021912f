package io.gantry.tests.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/** A CRIU that works on this machine. */
public final class CriuProgram {
  private static final Duration FIRST_DOWNLOAD = Duration.ofMinutes(10);

  private final Path directory;

  private CriuProgram(Path directory) {
    this.directory = directory;
  }

  /** One below {@code directory} that does as it is told; skips the test if there is none. */
  public static CriuProgram in(Path directory) {
    String script =
        """
        #!/bin/sh
        [ "$1" != check ] || [ ! -e {here}/broken ] || { echo told to be broken; exit 1; }
        [ "$1" != dump ] || [ ! -e {here}/hanging ] || exec sleep 1000
        exec {criu} "$@"
        """
            .replace("{here}", directory.toString())
            .replace("{criu}", orSkip().toString());
    try {
      Path program = Files.createDirectories(directory).resolve("criu");
      Files.writeString(program, script);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException("write a criu in " + directory, e);
    }
    return new CriuProgram(directory);
  }

  public Path path() {
    return directory.resolve("criu");
  }

  /** Whether it hangs when it is to save processes. */
  public void hang(boolean hanging) {
    tell("hanging", hanging);
  }

  /** Whether it says that it does not work on this machine. */
  public void breakDown(boolean broken) {
    tell("broken", broken);
  }

  private void tell(String what, boolean so) {
    try {
      Files.deleteIfExists(directory.resolve(what));
      if (so) {
        Files.createFile(directory.resolve(what));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("tell criu to be " + what, e);
    }
  }

  /** Where it is; skips the test if there is none and none can be had. */
  public static Path orSkip() {
    Path finder = Checkout.root().resolve("crictl-tests/tools/fetch-criu");
    Command.Outcome found = Command.of(finder.toString()).within(FIRST_DOWNLOAD).run();
    assumeTrue(found.succeeded(), () -> "no criu works here: " + found.stderr().strip());
    return Path.of(found.stdout().strip());
  }
}
