package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.cri.CriClient;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The command gantry against a real daemon, beside docker's where the machine has that. */
@Tag("root")
class CommandIT {
  @RegisterExtension static final TestNode node = TestNode.empty();

  @TempDir private Path home;

  private Command.Outcome run(String program, String... words) {
    List<String> line = new ArrayList<>(List.of(program));
    line.addAll(Arrays.asList(words));
    String socket = "unix://" + node.directory().state().resolve("docker.sock");
    return Command.of(line)
        .in(home)
        .with(
            Map.of(
                "DOCKER_HOST", socket, "HOME", home.toString(), "DOCKER_CONFIG", home.toString()))
        .run();
  }

  private Command.Outcome gantry(String... words) {
    return run(Checkout.distribution().resolve("bin/gantry").toString(), words);
  }

  private static boolean isThereDocker() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(each -> Files.isExecutable(Path.of(each, "docker")));
  }

  @Test
  void version_showsTheDaemons() {
    String output = gantry("version").orFail().stdout();

    assertTrue(output.startsWith("Client: gantry\n Version: "), output);
    String daemons = node.cri().runtime().version(CriClient.VERSION_REQUEST).getRuntimeVersion();
    // Before the plus is the version of Docker's engine that clients may take it for.
    assertTrue(
        output.matches(
            "(?s).*\nServer: gantry\n Engine:\n  Version: +[0-9.]+\\+gantry\\."
                + Pattern.quote(daemons)
                + "\n.*"),
        output);
  }

  @Test
  void pulledImage_isListedInspectedTaggedAndRemoved() {
    gantry("pull", node.busybox()).orFail();
    gantry("tag", node.busybox(), "command/test:1").orFail();

    assertEquals(
        node.registry().images().busybox().id() + "\n",
        gantry("image", "inspect", "--format", "{{.Id}}", "command/test:1").orFail().stdout());
    String listed =
        gantry("images", "--format", "{{.Repository}} {{.Tag}}", "command/test").orFail().stdout();
    assertTrue(listed.lines().anyMatch("command/test 1"::equals), listed);
    assertEquals("Untagged: command/test:1\n", gantry("rmi", "command/test:1").orFail().stdout());
  }

  @Test
  void imageThatIsNotThere_namesTheNextStep() {
    Command.Outcome outcome = gantry("image", "inspect", "command/none");

    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertEquals("[]\n", outcome.stdout());
    assertTrue(outcome.stderr().contains("gantry pull"), outcome::toString);
  }

  @Test
  void answers_areThoseOfDockersCommand() {
    assumeTrue(isThereDocker(), "there is no docker command to compare with");
    gantry("pull", node.busybox()).orFail();
    String image = node.busybox();
    List<List<String>> lines =
        List.of(
            List.of(
                "images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}}"),
            List.of("images", "-q"),
            List.of("image", "inspect", image),
            List.of("inspect", "--format", "{{.Id}} {{.Architecture}}", image),
            List.of("inspect", "--format", "{{range .RootFS.Layers}}{{.}};{{end}}", image),
            List.of("inspect", "--format", "{{join .RepoTags \",\"}} {{len .RepoTags}}", image),
            List.of("history", "-q", image),
            List.of("image", "inspect", "command/none"),
            List.of("inspect", "none"),
            List.of("rmi", "command/none"),
            List.of("tag", "command/none", "x"),
            List.of("images", "--filter", "nonsense=1"),
            List.of("ps", "--nonsense"),
            List.of("stop"),
            List.of("nonsense"),
            List.of("run", "-p", "1:2:3:4", "x"),
            List.of("version", "--format", "{{.Server.Version}}"));

    for (List<String> line : lines) {
      String[] words = line.toArray(String[]::new);
      Command.Outcome theirs = run("docker", words);
      Command.Outcome ours = gantry(words);
      assertEquals(theirs.stdout(), ours.stdout(), ours::toString);
      assertEquals(theirs.exitCode(), ours.exitCode(), ours::toString);
    }
  }
}
