package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Web;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Dockerfiles as projects have them, built and run by the real docker command: each alone, and
 * three of them as one application.
 */
@Tag("root")
class DockerfilesIT {
  private static final Duration SOON = Duration.ofSeconds(90);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static boolean based;
  @RegisterExtension private final Docker docker = node.docker();

  @BeforeEach
  void haveBaseImages() {
    if (!based) {
      node.registry().open().push("test/debian", "12", node.registry().images().debian());
      String image = node.registry().open().reference("test/debian:12");
      docker.out("pull", image);
      for (String name : List.of("debian:bookworm", "debian:bookworm-slim", "nginx:1.22")) {
        docker.out("tag", image, name);
      }
      based = true;
    }
  }

  private String build(String project, String... arguments) {
    List<String> words = new ArrayList<>(List.of("-t", "example/" + project));
    words.addAll(List.of(arguments));
    Path context = Checkout.root().resolve("crictl-tests/src/test/resources/dockerfiles");
    return docker
        .build(context.resolve(project), words.toArray(String[]::new))
        .run()
        .orFail()
        .stdout();
  }

  private URI published(String container, int port) {
    return URI.create("http://" + docker.out("port", container, port + "/tcp") + "/");
  }

  @Test
  void web_servesPagesOfAnotherStage_andKnowsItsHealth() throws IOException {
    build("web", "--build-arg", "SITE_NAME=Example");
    docker.out("run", "-d", "--name", "web", "-p", "127.0.0.1::8080", "example/web");

    Eventually.get(
        "health",
        SOON,
        () -> docker.out("inspect", "-f", "{{.State.Health.Status}}", "web"),
        "healthy"::equals);
    assertEquals("<h1>Example</h1>\n", Web.get(published("web", 8080)));
    assertEquals(
        "contents.txt\nindex.html\n",
        Web.get(published("web", 8080).resolve("contents.txt")),
        ".dockerignore keeps drafts and notes out");
    assertEquals(
        "-rwxr-xr-x www-data",
        docker.out("exec", "web", "stat", "-c", "%A %U", "/srv/www/index.html"));
    docker.out("stop", "web");
    assertEquals(
        "0", docker.out("inspect", "-f", "{{.State.ExitCode}}", "web"), "SIGQUIT ends nginx");
  }

  @Test
  void tool_isCompiledInOneStage_andRunsInAnother() {
    String words = build("tool", "--build-arg", "VERSION=1.2.3");

    assertEquals("shout 1.2.3", docker.out("run", "--rm", "--network", "none", "example/tool"));
    assertEquals("HELLO!", docker.out("run", "--rm", "--network", "none", "example/tool", "hello"));
    assertEquals(
        "1.2.3 nobody",
        docker.out(
            "image",
            "inspect",
            "-f",
            "{{index .Config.Labels \"org.opencontainers.image.version\"}} {{.Config.User}}",
            "example/tool"));
    assertTrue(words.contains("Successfully tagged example/tool:latest"), words);
    assertFalse(
        docker
            .run("run", "--rm", "--network", "none", "--entrypoint", "ls", "example/tool", "/src")
            .succeeded(),
        "sources stay in their stage");
  }

  @Test
  void api_passesItsTestsInAStage_andRunsAsItsUser() {
    build("api");

    assertEquals(
        "greeting.t passed\nThe service in /opt/api\n1500",
        docker.out(
            "run",
            "--rm",
            "--network",
            "none",
            "example/api",
            "sh",
            "-c",
            "cat results.txt /etc/motd; id -u"));
    assertEquals(
        "map[5000/tcp:{}] /opt/api",
        docker.out(
            "image",
            "inspect",
            "-f",
            "{{.Config.ExposedPorts}} {{.Config.WorkingDir}}",
            "example/api"));
  }

  @Test
  void store_fillsItsVolumeAsRoot_andServesAsItsUser() {
    build("store", "--build-arg", "UID=1701");
    docker.out(
        "run",
        "-d",
        "--name",
        "store",
        "-p",
        "127.0.0.1::6000",
        "-v",
        "kept:/data",
        "example/store");
    URI visit = published("store", 6000).resolve("cgi-bin/visit");

    Eventually.get("the first visit", SOON, () -> Web.get(visit), "1\n"::equals);
    assertEquals("store keeps 0 visits as store", docker.out("logs", "store"));
    docker.out("rm", "-f", "store");
    docker.out("run", "-d", "--name", "heir", "-v", "kept:/data", "example/store");
    Eventually.get(
        "what the volume kept",
        SOON,
        () -> docker.out("logs", "heir"),
        "store keeps 1 visits as store"::equals);
    assertEquals("1701", docker.out("exec", "heir", "stat", "-c", "%u", "/data/visits"));
  }

  @Test
  void runtime_hasInstructionsForThoseBuiltOnIt() {
    build("runtime", "-t", "example/perl:5");
    String words = build("script", "--build-arg", "MODE=trial");

    assertTrue(words.contains("# Executing 4 build triggers"), words);
    assertEquals(
        "runs in trial with one two",
        docker.out("run", "--rm", "--network", "none", "example/script", "main.pl", "one", "two"));
  }

  @Test
  void application_ofThreeServices_findsItsPartsByName_andKeepsItsData() {
    List.of("store", "api", "web").forEach(this::build);
    docker.out("network", "create", "application");
    docker.out("volume", "create", "visits");
    startStore("first");
    docker.out("run", "-d", "--name", "api", "--network", "application", "example/api");
    docker.out(
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "application",
        "-p",
        "127.0.0.1::8080",
        "-e",
        "API=api:5000",
        "example/web");
    URI api = published("web", 8080).resolve("api/");

    Eventually.get("a visit", SOON, () -> Web.get(api), "{\"greeting\": \"1 visit\"}\n"::equals);
    docker.out("rm", "-f", "first");
    startStore("second");

    Eventually.get("the next", SOON, () -> Web.get(api), "{\"greeting\": \"2 visits\"}\n"::equals);
    Command.Outcome removed = docker.run("volume", "rm", "visits");
    assertTrue(removed.stderr().contains("volume is in use"), removed::toString);
  }

  private void startStore(String name) {
    docker.out(
        "run",
        "-d",
        "--name",
        name,
        "--network",
        "application",
        "--network-alias",
        "store",
        "-v",
        "visits:/data",
        "example/store");
  }

  @Test
  void publishedPort_servesAllRequestsOfALoad() {
    build("web");
    docker.out("run", "-d", "--name", "web", "-p", "127.0.0.1::8080", "example/web");
    String page = published("web", 8080).toString();
    Eventually.holds("the page", SOON, () -> Web.get(URI.create(page)));

    Command.Outcome load =
        Command.of(
                "wrk",
                "-t1",
                "-c32",
                "-d3s",
                "--timeout",
                "30s",
                "-s",
                Checkout.root()
                    .resolve("crictl-tests/src/test/resources/check-answers.lua")
                    .toString(),
                page,
                "--",
                "<h1>A site without a name</h1>\n")
            .run()
            .orFail();

    assertTrue(
        load.stdout()
            .matches(
                "(?s).*checked: answers [1-9]\\d* wrong 0 connect 0 read 0 write 0 timeout 0\n.*"),
        load::toString);
  }
}
