package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.UnixHttp;
import io.gantry.tests.tools.UnixHttp.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The Docker Engine API byte by byte, where clients other than docker's command depend on it: codes
 * of answers, headers, frames of streams.
 */
@Tag("root")
class DockerWireIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private Path socket;
  private String id;

  @BeforeEach
  void createAContainer() throws IOException {
    assumeTrue(TestNode.isGantry(), "the Docker Engine API is gantry's own");
    socket = node.directory().state().resolve("docker.sock");
    id = create(false, "echo out; echo err >&2");
  }

  @AfterEach
  void removeTheContainer() throws IOException {
    if (id != null) {
      assertEquals(204, ask("DELETE", "/containers/" + id + "?force=1").status());
    }
  }

  private Answer ask(String method, String path, String... headers) throws IOException {
    return UnixHttp.send(socket, method, path, "", headers);
  }

  private String create(boolean terminal, String script) throws IOException {
    String body =
        """
        {"Image": "%s", "Cmd": ["sh", "-c", "%s"], "Tty": %s, "HostConfig": {"NetworkMode": "none"}}\
        """
            .formatted(node.busybox(), script, terminal);
    Answer created = UnixHttp.send(socket, "POST", "/v1.41/containers/create", body);
    assertEquals(201, created.status(), created::text);
    return new ObjectMapper().readTree(created.body()).path("Id").asText();
  }

  private void runToEnd(String container) throws IOException {
    assertEquals(204, ask("POST", "/containers/" + container + "/start").status());
    assertEquals(200, ask("POST", "/containers/" + container + "/wait").status());
  }

  @Test
  void ping_hasTheHeadersThatClientsNegotiateBy() throws IOException {
    for (String path : List.of("/_ping", "/v1.41/_ping")) {
      Answer pong = ask("GET", path);
      assertEquals(200, pong.status());
      assertEquals("OK", pong.text());
      assertEquals("1.56", pong.header("Api-Version"));
      assertEquals("false", pong.header("Docker-Experimental"));
      assertEquals("linux", pong.header("Ostype"));
      assertEquals("1", pong.header("Builder-Version"));
      assertEquals("inactive", pong.header("Swarm"));
      assertEquals("no-cache, no-store, must-revalidate", pong.header("Cache-Control"));
      assertEquals("no-cache", pong.header("Pragma"));
    }
    assertEquals("", ask("HEAD", "/_ping").text());
  }

  @Test
  void codes_tellWhatCameOfARequest() throws IOException {
    Answer absent = ask("GET", "/containers/absent/json");
    assertEquals(404, absent.status());
    assertEquals("{\"message\":\"No such container: absent\"}", absent.text().strip());
    String sleeper = create(false, "sleep 1000");
    try {
      assertEquals(204, ask("POST", "/containers/" + sleeper + "/start").status());
      assertEquals(304, ask("POST", "/containers/" + sleeper + "/start").status());
      assertEquals(409, ask("DELETE", "/containers/" + sleeper).status());
      assertEquals(204, ask("POST", "/containers/" + sleeper + "/stop?t=0").status());
      assertEquals(304, ask("POST", "/containers/" + sleeper + "/stop?t=0").status());
    } finally {
      assertEquals(204, ask("DELETE", "/containers/" + sleeper + "?force=1").status());
    }
  }

  @Test
  void logs_areFramedByStream_andATerminalsAreNot() throws IOException {
    runToEnd(id);
    Answer framed = ask("GET", "/containers/" + id + "/logs?stderr=1");
    assertEquals("application/vnd.docker.multiplexed-stream", framed.header("Content-Type"));
    assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 0, 0, 4, 'e', 'r', 'r', '\n'}, framed.body());
    Answer out = ask("GET", "/containers/" + id + "/logs?stdout=1");
    assertArrayEquals(new byte[] {1, 0, 0, 0, 0, 0, 0, 4, 'o', 'u', 't', '\n'}, out.body());

    String terminal = create(true, "echo raw");
    try {
      runToEnd(terminal);
      Answer raw = ask("GET", "/containers/" + terminal + "/logs?stdout=1");
      assertEquals("application/vnd.docker.raw-stream", raw.header("Content-Type"));
      assertTrue(raw.text().startsWith("raw"), raw.text());
    } finally {
      assertEquals(204, ask("DELETE", "/containers/" + terminal + "?force=1").status());
    }
  }

  @Test
  void attach_takesTheConnectionOverIfItIsAskedTo() throws IOException {
    String path = "/containers/" + id + "/attach?logs=1&stdout=1&stderr=1";
    runToEnd(id);
    Answer plain = ask("POST", path);
    assertEquals("HTTP/1.1 200 OK", plain.statusLine());

    Answer upgraded = ask("POST", path, "Connection: Upgrade", "Upgrade: tcp");
    assertEquals("HTTP/1.1 101 UPGRADED", upgraded.statusLine());
    assertEquals("tcp", upgraded.header("Upgrade"));
    assertArrayEquals(
        "out\n".getBytes(StandardCharsets.US_ASCII),
        java.util.Arrays.copyOfRange(upgraded.body(), 8, 12));
  }
}
