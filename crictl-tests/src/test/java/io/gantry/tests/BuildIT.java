package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.DirectoryTree;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images built from Dockerfiles by the real docker command, with the classic builder. */
@Tag("root")
class BuildIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private Docker docker;
  private Path context;

  @BeforeEach
  void makeContext() throws IOException {
    docker = node.docker();
    context = Files.createTempDirectory(node.directory().scratch(), "context");
  }

  private void write(String name, String content) {
    try {
      Path file = context.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void dockerfile(String... lines) {
    write("Dockerfile", String.join("\n", lines).replace("BUSYBOX", node.busybox()) + "\n");
  }

  private String build(String... arguments) {
    return docker.build(context, arguments).run().orFail().stdout();
  }

  private Command.Outcome fails(String... arguments) {
    Command.Outcome outcome = docker.build(context, arguments).run();
    assertFalse(outcome.succeeded(), outcome::toString);
    return outcome;
  }

  private static String built(String output) {
    int at = output.lastIndexOf("Successfully built ");
    assertTrue(at >= 0, output);
    return output.substring(at + "Successfully built ".length()).lines().findFirst().orElseThrow();
  }

  @Test
  void image_isBuiltOfFilesAndSteps_andSeenByTheCri() {
    write("hello.txt", "hello from the context\n");
    dockerfile(
        "FROM BUSYBOX",
        "ARG WHO=nobody",
        "ENV GREETING=\"hi $WHO\"",
        "WORKDIR /srv/app",
        "COPY hello.txt .",
        "RUN cat hello.txt && echo \"$GREETING\" > made && pwd",
        "CMD [\"cat\", \"made\"]");

    String output = build("-t", "built.test/app:1", "--build-arg", "WHO=tester");

    assertTrue(output.contains("Step 1/7 : FROM "), output);
    assertTrue(output.contains("hello from the context\n/srv/app\n"), output);
    assertTrue(output.contains("Successfully tagged built.test/app:1"), output);
    String status = node.crictl().out("inspecti", "built.test/app:1");
    assertTrue(status.contains("GREETING=hi tester"), status);
    assertTrue(status.contains("sha256:" + built(output)), status);
  }

  @Test
  void secondBuild_usesTheCache_untilAFileIsAnother() {
    write("file", "one\n");
    dockerfile("FROM BUSYBOX", "RUN echo first", "COPY file /file", "RUN cat /file");

    String first = build();
    String second = build();
    write("file", "two\n");
    String third = build();

    assertEquals(built(first), built(second));
    assertEquals(3, second.split("Using cache", -1).length - 1, second);
    assertEquals(1, third.split("Using cache", -1).length - 1, third);
    assertTrue(third.contains("two\n"), third);
    assertNotEquals(built(first), built(third));
  }

  @Test
  void stages_areBuiltThatTheTargetNeeds() {
    dockerfile(
        "FROM BUSYBOX AS one",
        "RUN echo one > /one",
        "FROM BUSYBOX AS two",
        "RUN echo two > /two",
        "FROM BUSYBOX AS unneeded",
        "RUN exit 9",
        "FROM scratch",
        "COPY --from=one --chown=5:6 --chmod=640 /one /out/",
        "COPY --from=two /two /out/second",
        "FROM BUSYBOX AS check",
        "COPY --from=3 / /all/",
        "RUN ls -ln /all/out && cat /all/out/one /all/out/second");

    String output = build("--target", "check");

    assertTrue(output.contains("-rw-r-----    1 5        6"), output);
    assertTrue(output.contains("one\ntwo\n"), output);
    assertFalse(output.contains("exit 9"), output);
  }

  @Test
  void ignoredFiles_documents_archivesAndMounts_areWhatDockerfilesSay() {
    write("kept/a.txt", "a\n");
    write("kept/b.md", "b\n");
    write("kept/README.md", "readme\n");
    write(".dockerignore", "**/*.md\n!**/README.md\n");
    write("tree/inside", "from the archive\n");
    Command.of("tar", "-czf", "tree.tgz", "tree").in(context).run().orFail();
    dockerfile(
        "FROM BUSYBOX",
        "COPY kept/ /kept/",
        "ADD tree.tgz /added/",
        "COPY <<EOF /etc/document",
        "home is ${HOME:-unset}",
        "EOF",
        "RUN <<EOF",
        "ls /kept",
        "cat /added/tree/inside /etc/document",
        "EOF",
        "RUN --mount=type=cache,target=/cache echo kept by the cache > /cache/note",
        "RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/scratch \\",
        "    --mount=type=bind,source=kept,target=/bound \\",
        "    cat /cache/note /bound/a.txt && touch /scratch/x",
        "RUN ls / | grep -E 'cache|scratch|bound' || echo nothing of the mounts stays");

    String output = build();

    assertTrue(output.contains("README.md\na.txt\nfrom the archive\nhome is unset\n"), output);
    assertTrue(output.contains("kept by the cache\na\n"), output);
    assertTrue(output.contains("nothing of the mounts stays"), output);
  }

  @Test
  void sameSources_makeTheSameImage_whenTheEpochIsGiven() {
    write("file", "content\n");
    dockerfile("FROM BUSYBOX", "COPY file /", "RUN mkdir /made && echo x > /made/file");

    String first = built(build("--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000"));
    write("file", "content\n");
    String second = built(build("--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000"));

    assertEquals(first, second);
  }

  @Test
  void faults_areShownWhereTheyAre() {
    dockerfile("FROM BUSYBOX", "COPPY a b");
    Command.Outcome unknown = fails();
    dockerfile("FROM BUSYBOX", "", "COPY missing /");
    Command.Outcome missing = fails();

    assertTrue(
        unknown.stderr().contains("Dockerfile:2:1: unknown instruction: COPPY"), unknown.stderr());
    assertTrue(unknown.stderr().contains("    COPPY a b\n    ^"), unknown.stderr());
    assertTrue(missing.stderr().contains("Dockerfile:3:1: COPY failed: \"missing\" is not there"));
  }

  @Test
  void failingStep_endsTheCommandWithItsCode_andLeavesNothing() throws IOException {
    dockerfile("FROM BUSYBOX", "RUN echo before; exit 7");

    Command.Outcome outcome = fails("-t", "built.test/failed");

    assertEquals(7, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stdout().contains("before\n"), outcome::toString);
    assertTrue(outcome.stderr().contains("returned a non-zero code: 7"), outcome::toString);
    assertEquals("", node.crictl().out("pods", "-q"));
    assertFalse(node.crictl().out("images").contains("built.test/failed"));
    assertEquals(List.of(), work());
  }

  private static List<Path> work() throws IOException {
    try (Stream<Path> left = Files.list(node.directory().root().resolve("build/work"))) {
      return left.toList();
    }
  }

  private Process buildUntilAStepRuns() throws IOException {
    Command command = docker.build(context);
    ProcessBuilder builder = new ProcessBuilder(command.words());
    builder.environment().putAll(command.environment());
    Process building =
        builder
            .directory(context.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Eventually.holds(
        "the step runs",
        Duration.ofSeconds(60),
        () -> assertNotEquals("", node.crictl().out("ps", "-q")));
    return building;
  }

  @Test
  void goneClient_endsItsBuild_andLeavesNothing() throws IOException {
    dockerfile("FROM BUSYBOX", "RUN echo runs > /mark && sleep 1000");
    Process building = buildUntilAStepRuns();

    building.destroy();

    Eventually.holds(
        "nothing of the build is left",
        Duration.ofSeconds(60),
        () -> {
          assertEquals("", node.crictl().out("pods", "-q"));
          assertEquals(List.of(), work());
        });
  }

  @Test
  void killedDaemon_leavesNothingOfABuild() throws IOException {
    dockerfile("FROM BUSYBOX", "RUN sleep 1000");
    Process building = buildUntilAStepRuns();

    node.runtime().kill();
    node.startAgain();
    building.destroy();

    assertEquals("", node.crictl().out("pods", "-q"));
    assertEquals(List.of(), work());
  }

  @Test
  void configuration_isWhatTheInstructionsSay() {
    dockerfile(
        "FROM BUSYBOX AS base",
        "ONBUILD RUN echo triggered > /trigger",
        "FROM base",
        "LABEL one=1 two=\"2 words\"",
        "EXPOSE 80 9000-9001/udp",
        "VOLUME [\"/data\"]",
        "USER 12:34",
        "STOPSIGNAL SIGQUIT",
        "SHELL [\"/bin/sh\", \"-ec\"]",
        "HEALTHCHECK --interval=5s CMD true",
        "ENTRYPOINT exec sleep 5",
        "CMD [\"x\"]");

    String output = build("--label", "three=3", "-t", "built.test/configured");

    assertTrue(output.contains("# Executing 1 build trigger\n"), output);
    String status = node.crictl().out("inspecti", "built.test/configured");
    for (String expected :
        List.of(
            "\"two\": \"2 words\"",
            "\"three\": \"3\"",
            "\"9001/udp\"",
            "\"/data\"",
            "\"12:34\"",
            "\"SIGQUIT\"",
            "\"exec sleep 5\"")) {
      assertTrue(status.contains(expected), () -> expected + " in " + status);
    }
  }

  @AfterEach
  void removeContext() {
    if (context != null) {
      DirectoryTree.delete(context);
    }
  }

  @Test
  void step_isInTheNetworkThatIsAskedFor() {
    docker.out("network", "create", "of-build");
    docker.out(
        "run",
        "-d",
        "--name",
        "store",
        "--network",
        "of-build",
        node.busybox(),
        "sh",
        "-c",
        "while true; do echo row | nc -l -p 5432; done");
    try {
      dockerfile(
          "FROM BUSYBOX", "RUN until nc store 5432 > /found; do sleep 0.1; done; cat /found");

      assertTrue(build("--no-cache", "--network", "of-build").contains("row\n"));
      Command.Outcome unknown = fails("--network", "of-nobody");
      assertTrue(unknown.stderr().contains("network of-nobody not found"), unknown::toString);
    } finally {
      docker.out("rm", "-f", "store");
      docker.out("network", "rm", "of-build");
    }
  }

  @Test
  void step_isUnaskedInTheNetworkThatContainersAreIn() {
    dockerfile("FROM BUSYBOX", "RUN cat /etc/resolv.conf && ip -4 -o addr show eth0");

    String output = build("--no-cache");
    assertTrue(output.contains("nameserver 127.0.0.11"), output);
    String subnet =
        docker.out("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
    assertTrue(output.contains("inet " + subnet.substring(0, subnet.lastIndexOf('.') + 1)), output);
  }
}
