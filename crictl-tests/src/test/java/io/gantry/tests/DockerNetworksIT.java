package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Web;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Networks of containers, by the real docker command. */
@Tag("root")
class DockerNetworksIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension private final Docker docker = node.docker();

  private void runInBackground(String name, String network, String script) {
    docker.out(
        "run", "-d", "--name", name, "--network", network, node.busybox(), "sh", "-c", script);
  }

  @Test
  void containers_findEachOtherByNameInANetworkOfTheirOwn() {
    docker.out("network", "create", "app");
    runInBackground("store", "app", "while true; do echo row | nc -l -p 5432; done");
    Eventually.get(
        "the other container's answer",
        LIMIT,
        () ->
            docker
                .run("run", "--rm", "--network", "app", node.busybox(), "nc", "store", "5432")
                .stdout()
                .strip(),
        "row"::equals);
  }

  @Test
  void network_isConnectedAndDisconnectedWhileTheContainerRuns() {
    docker.out("network", "create", "first");
    docker.out("network", "create", "second");
    runInBackground("moving", "first", "sleep 1000");
    docker.out("network", "connect", "--alias", "guest", "second", "moving");

    assertTrue(docker.out("exec", "moving", "ip", "-4", "-o", "addr").contains("eth1"));
    String address =
        docker
            .out("inspect", "-f", "{{.NetworkSettings.Networks.second.IPAddress}}", "moving")
            .strip();
    String found =
        docker.out("run", "--rm", "--network", "second", node.busybox(), "nslookup", "guest");
    assertTrue(found.contains("Address: " + address), found);

    Command.Outcome twice = docker.run("network", "connect", "second", "moving");
    assertEquals(1, twice.exitCode());
    assertTrue(twice.stderr().contains("already exists in network second"), twice::toString);

    docker.out("network", "disconnect", "second", "moving");
    assertEquals(
        "first",
        docker
            .out(
                "inspect",
                "-f",
                "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}",
                "moving")
            .strip());
    assertTrue(!docker.out("exec", "moving", "ip", "-4", "-o", "addr").contains("eth1"));
    Command.Outcome again = docker.run("network", "disconnect", "second", "moving");
    assertEquals(1, again.exitCode());
    assertTrue(again.stderr().contains("is not connected to network second"), again::toString);
  }

  @Test
  void network_ofAStoppedContainerIsThereAtItsStart() {
    docker.out("network", "create", "later");
    docker.out("create", "--name", "stopped", node.busybox(), "sleep", "1000");
    docker.out("network", "connect", "later", "stopped");
    docker.out("network", "disconnect", "bridge", "stopped");
    docker.out("start", "stopped");

    assertEquals(
        "later",
        docker.out(
            "inspect",
            "-f",
            "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}",
            "stopped"));
    Command.Outcome removed = docker.run("network", "rm", "later");
    assertEquals(1, removed.exitCode());
    assertTrue(removed.stderr().contains("active endpoints"), removed::toString);
  }

  @Test
  void publishedPort_isServedOnTheMachine() {
    docker.out(
        "run",
        "-d",
        "--name",
        "web",
        "-p",
        "127.0.0.1::8080",
        node.busybox(),
        "sh",
        "-c",
        "mkdir /www && echo hello > /www/index.html && exec httpd -f -p 8080 -h /www");
    String port = docker.out("port", "web", "8080").strip().replaceAll(".*:", "");
    URI address = URI.create("http://127.0.0.1:" + port + "/index.html");
    Eventually.get("what the port serves", LIMIT, () -> Web.get(address), "hello\n"::equals);

    Command.Outcome taken =
        docker.run("run", "--rm", "-p", "127.0.0.1:" + port + ":80", node.busybox(), "true");
    assertEquals(125, taken.exitCode());
    assertTrue(taken.stderr().contains(port), taken::toString);
    assertEquals("web", docker.out("ps", "-a", "--format", "{{.Names}}").strip());
  }
}
