package io.gantry.docker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class GantryTest {
  @TempDir private Path home;
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Gantry.commandLine(new Installation(home));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(errors, true));
    return line.execute(arguments);
  }

  /** A gantryd that writes its arguments to a file and exits with the given code. */
  private Path gantryd(int exitCode) throws IOException {
    Path arguments = home.resolve("arguments");
    Path script = Files.createDirectories(home.resolve("bin")).resolve("gantryd");
    Files.writeString(
        script, "#!/bin/sh\necho \"$@\" > %s\nexit %d\n".formatted(arguments, exitCode));
    assertTrue(script.toFile().setExecutable(true));
    return arguments;
  }

  @Test
  void withoutCommand_showsWhatThereIs() {
    assertEquals(0, run());

    assertTrue(out.toString().contains("version"), out.toString());
    assertTrue(out.toString().contains("system"), out.toString());
  }

  @Test
  void unknownCommand_exits125() {
    assertEquals(125, run("no-such-command"));

    assertTrue(errors.toString().contains("no-such-command"), errors.toString());
  }

  static List<NotBuilt> notBuilt() {
    return NotBuilt.ALL;
  }

  @ParameterizedTest
  @MethodSource("notBuilt")
  void commandThatIsNotBuilt_saysWhatToUseWhateverItsArguments(NotBuilt command) {
    assertEquals(
        125, run(command.name(), "-it", "--rm", "-v", "/a:/b", "busybox", "sh", "-c", "ls"));

    assertEquals(
        "gantry %s: not built yet; %s%n".formatted(command.name(), command.instead()),
        errors.toString());
    assertEquals("", out.toString());
  }

  @Test
  void notBuilt_isSortedAndHidesNoneThatIsBuilt() {
    List<String> names = NotBuilt.ALL.stream().map(NotBuilt::name).toList();
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(null);

    assertEquals(sorted, names);
    assertTrue(names.stream().noneMatch(List.of("version", "system", "registry")::contains));
  }

  @Test
  void registryServe_hasGantrydServe() throws Exception {
    Path arguments = gantryd(3);

    assertEquals(3, run("registry", "serve", "--root", "/srv", "--read-only"));

    assertEquals("registry --root /srv --read-only\n", Files.readString(arguments));
  }

  @Test
  void version_namesTheClientEvenWithoutADaemon() {
    assertEquals(125, run("version", "--socket", home.resolve("none.sock").toString()));

    assertTrue(out.toString().matches("Client: gantry \\d+\\.\\d+\\.\\d+\\S*\\R"), out.toString());
    assertTrue(errors.toString().contains("none.sock: UNAVAILABLE"), errors.toString());
  }

  @Test
  void doctor_isGantrydsAndSoIsItsExitCode() throws IOException {
    Path arguments = gantryd(1);

    assertEquals(1, run("system", "doctor", "--config", "/tmp/g.toml"));
    assertEquals("--config /tmp/g.toml doctor\n", Files.readString(arguments));
  }

  @Test
  void doctor_saysWhenGantrydIsNotThere() {
    assertEquals(125, run("system", "doctor"));

    assertTrue(errors.toString().contains("bin/gantryd is not there"), errors.toString());
  }
}
