package io.gantry.docker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GantryTest {
  @TempDir private Path home;

  private CommandRun run(String... arguments) {
    return new CommandRun(home).run(arguments);
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
    CommandRun outcome = run();

    assertEquals(0, outcome.code());
    assertTrue(outcome.out().contains("  version "), outcome::toString);
    assertTrue(outcome.out().contains("  system "), outcome::toString);
  }

  @Test
  void unknownCommand_saysSo() {
    CommandRun outcome = run("no-such-command");

    assertEquals(1, outcome.code());
    assertEquals(
        "gantry: unknown command: gantry no-such-command\n\n"
            + "Run 'gantry --help' for more information\n",
        outcome.err());
  }

  @Test
  void unknownCommandOfAGroup_namesBoth() {
    CommandRun outcome = run("container", "explode");

    assertEquals(1, outcome.code());
    assertTrue(
        outcome.err().startsWith("gantry: unknown command: gantry container explode\n"),
        outcome::toString);
  }

  @Test
  void commandOfDockersThatGantryLacks_saysWhatToUse() {
    CommandRun outcome = run("swarm", "init");

    assertEquals(1, outcome.code());
    assertEquals(
        "gantry: there is no swarm: gantry's clusters are Kubernetes'; use kubectl\n",
        outcome.err());
  }

  @Test
  void unknownFlag_showsUsageAndExits125() {
    CommandRun outcome = run("ps", "--foo");

    assertEquals(125, outcome.code());
    assertEquals(
        """
        unknown flag: --foo

        Usage:  gantry ps [OPTIONS]

        Run 'gantry ps --help' for more information
        """,
        outcome.err());
  }

  @Test
  void wordsThatNoCommandTakes_exit1() {
    CommandRun outcome = run("ps", "extra");

    assertEquals(1, outcome.code());
    assertTrue(
        outcome.err().startsWith("gantry ps: 'gantry ps' accepts no arguments\n"),
        outcome::toString);
  }

  @Test
  void engineThatIsNotThere_namesSocketAndNextStep() {
    CommandRun outcome = run("-H", "unix:///no/such.sock", "ps");

    assertEquals(1, outcome.code());
    assertTrue(
        outcome.err().contains("Cannot connect to the engine at unix:///no/such.sock: "),
        outcome::toString);
    assertTrue(
        outcome.err().contains("Next: is gantryd running? Start it with"), outcome::toString);
  }

  @Test
  void hostOfAnotherKind_isRefused() {
    CommandRun outcome = run("-H", "ssh://me@there", "ps");

    assertEquals(1, outcome.code());
    assertEquals(
        "cannot talk to \"ssh://me@there\": write it as unix:///PATH or tcp://HOST:PORT\n",
        outcome.err());
  }

  @Test
  void version_namesTheClientEvenWithoutAnEngine() {
    CommandRun outcome = run("-H", "unix:///no/such.sock", "version");

    assertEquals(1, outcome.code());
    assertTrue(
        outcome.out().matches("(?s)Client: gantry\n Version: +\\d+\\.\\d+\\.\\d+.*"),
        outcome::toString);
  }

  static List<String> everyCommand() {
    List<String> names = new java.util.ArrayList<>();
    names.addAll(Catalog.COMMON);
    names.addAll(Catalog.OTHERS);
    Catalog.GROUPS.forEach((group, all) -> all.forEach(each -> names.add(group + " " + each)));
    return names;
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void everyCommand_hasHelp(String name) {
    String[] words = (name + " --help").split(" ");
    CommandRun outcome = run(words);

    assertEquals(0, outcome.code(), outcome::toString);
    assertTrue(outcome.out().startsWith("Usage:  gantry " + name), outcome::toString);
    assertEquals("", outcome.err());
  }

  @Test
  void registryServe_hasGantrydServe() throws Exception {
    Path arguments = gantryd(3);

    assertEquals(3, run("registry", "serve", "--", "--root", "/srv", "--read-only").code());

    assertEquals("registry --root /srv --read-only\n", Files.readString(arguments));
  }

  @Test
  void doctor_isGantrydsAndSoIsItsExitCode() throws IOException {
    Path arguments = gantryd(1);

    assertEquals(1, run("system", "doctor", "--config", "/tmp/g.toml").code());
    assertEquals("--config /tmp/g.toml doctor\n", Files.readString(arguments));
  }

  @Test
  void doctor_saysWhenGantrydIsNotThere() {
    CommandRun outcome = run("system", "doctor");

    assertEquals(125, outcome.code());
    assertTrue(outcome.err().contains("bin/gantryd is not there"), outcome::toString);
  }
}
