package io.gantry.docker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.docker.cli.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTest {
  private static final String ATTACH = "POST /containers/abc/attach?stream=1&stdout=1&stderr=1";
  private static final String ATTACH_INPUT =
      "POST /containers/abc/attach?stream=1&stdin=1&stdout=1&stderr=1";

  @TempDir private Path home;
  private ScriptedEngine engine;

  @BeforeEach
  void start() throws IOException {
    engine = new ScriptedEngine(home);
    engine.on("POST /containers/create", 201, "{\"Id\":\"abc\",\"Warnings\":[]}");
    engine.on("POST /containers/abc/start", 204, "");
    engine.on("POST /containers/abc/wait?condition=next-exit", "{\"StatusCode\":3}");
    engine.on("POST /containers/abc/wait?condition=removed", "{\"StatusCode\":0}");
  }

  @AfterEach
  void stop() throws IOException {
    engine.close();
  }

  private CommandRun run(String... words) {
    return new CommandRun(home).against(engine).run(words);
  }

  private Json created(String... words) throws IOException {
    String[] all = new String[words.length + 2];
    System.arraycopy(words, 0, all, 1, words.length);
    all[0] = "create";
    all[all.length - 1] = "nginx";
    CommandRun outcome = run(all);
    assertEquals(0, outcome.code(), outcome::toString);
    return Json.parse(engine.body("POST /containers/create"));
  }

  @Test
  void run_showsBothOutputsAndExitsAsTheContainerDoes() {
    engine.hijacked(
        ATTACH,
        ScriptedEngine.frames(
            ScriptedEngine.frame(1, "out\n"),
            ScriptedEngine.frame(2, "err\n"),
            ScriptedEngine.frame(1, "more\n")),
        null);

    CommandRun outcome = run("run", "nginx", "sh", "-c", "exit 3");

    assertEquals(3, outcome.code(), outcome::toString);
    assertEquals("out\nmore\n", outcome.out());
    assertEquals("err\n", outcome.err());
    Json body = body();
    assertEquals(List.of("sh", "-c", "exit 3"), body.get("Cmd").texts());
    assertEquals("nginx", body.get("Image").text());
    assertTrue(body.get("AttachStdout").truth());
    assertEquals(false, body.get("AttachStdin").truth());
  }

  private Json body() {
    try {
      return Json.parse(engine.body("POST /containers/create"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void run_attachesAndWaitsBeforeItStarts() {
    engine.hijacked(ATTACH, new byte[0], null);

    run("run", "nginx");

    List<String> lines = engine.lines();
    assertEquals("POST /containers/abc/start", lines.get(lines.size() - 1));
    assertTrue(lines.indexOf(ATTACH) > 0, lines::toString);
    assertTrue(lines.contains("POST /containers/abc/wait?condition=next-exit"), lines::toString);
  }

  @Test
  void run_passesInputOnAndItsEnd() {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    engine.hijacked(ATTACH_INPUT, ScriptedEngine.frame(1, "hi\n"), input);

    CommandRun outcome =
        new CommandRun(home)
            .against(engine)
            .reading("typed\n")
            .run("run", "-i", "--rm", "nginx", "cat");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("hi\n", outcome.out());
    assertEquals("typed\n", input.toString(StandardCharsets.UTF_8));
    assertTrue(body().at("HostConfig", "AutoRemove").truth());
    assertTrue(body().get("StdinOnce").truth());
  }

  @Test
  void run_withATerminalMakesItRawAndTellsItsSize() {
    engine.hijacked(
        ATTACH_INPUT, "raw\r\n".getBytes(StandardCharsets.UTF_8), new ByteArrayOutputStream());
    engine.on("POST /containers/abc/resize?h=24&w=80", "");
    FakeTerminal terminal = new FakeTerminal(true);

    CommandRun outcome =
        new CommandRun(home)
            .against(engine)
            .on(terminal)
            .reading("x")
            .run("run", "-it", "--rm", "nginx", "sh");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("raw\r\n", outcome.out());
    assertEquals("raw", terminal.acts.get(0));
    assertTrue(terminal.acts.contains("restored"), terminal.acts::toString);
    assertTrue(
        engine.lines().contains("POST /containers/abc/resize?h=24&w=80"), engine.lines()::toString);
    assertEquals("[24,80]", body().at("HostConfig", "ConsoleSize").toString());
  }

  @Test
  void run_leavesTheContainerAtTheDetachKeys() throws IOException {
    engine.on(
        ATTACH_INPUT,
        (in, out) -> {
          out.write("HTTP/1.1 101 UPGRADED\r\n\r\n".getBytes(StandardCharsets.UTF_8));
          in.transferTo(new ByteArrayOutputStream());
        });
    engine.on("POST /containers/abc/resize?h=24&w=80", "");
    PipedOutputStream keyboard = new PipedOutputStream();
    PipedInputStream in = new PipedInputStream(keyboard);
    keyboard.write(new byte[] {'l', 's', 16, 17});

    CommandRun outcome =
        new CommandRun(home)
            .against(engine)
            .on(new FakeTerminal(true))
            .reading(in)
            .run("run", "-it", "nginx");

    assertEquals(0, outcome.code(), outcome::toString);
  }

  @Test
  void run_withoutATerminalRefusesToGiveOne() {
    CommandRun outcome = run("run", "-it", "nginx");

    assertEquals(1, outcome.code());
    assertTrue(outcome.err().startsWith("the input device is not a TTY"), outcome::toString);
    assertEquals(List.of(), engine.lines());
  }

  @Test
  void run_detachedPrintsTheId() {
    CommandRun outcome = run("run", "-d", "nginx");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("abc\n", outcome.out());
    assertEquals(false, body().get("AttachStdout").truth());
  }

  @Test
  void run_pullsAnImageThatIsMissing() throws IOException {
    engine.close();
    Files.delete(home.resolve("engine.sock"));
    engine = new ScriptedEngine(home);
    engine.on("POST /containers/create", 404, "{\"message\":\"No such image: nginx:latest\"}");
    engine.on("POST /containers/create", 201, "{\"Id\":\"abc\"}");
    engine.on("POST /containers/abc/start", 204, "");
    engine.on(
        "POST /images/create?fromImage=nginx&tag=latest",
        "{\"status\":\"Pulling from library/nginx\",\"id\":\"latest\"}\r\n"
            + "{\"status\":\"Downloading\",\"id\":\"aa\",\"progressDetail\":{\"current\":1,\"total\":2}}\r\n"
            + "{\"status\":\"Pull complete\",\"id\":\"aa\"}\r\n");

    CommandRun outcome = run("run", "-d", "nginx");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("abc\n", outcome.out());
    assertEquals(
        "Unable to find image 'nginx:latest' locally\n"
            + "latest: Pulling from library/nginx\n"
            + "aa: Pull complete\n",
        outcome.err());
  }

  @Test
  void run_neverPullsIfToldSo() throws IOException {
    engine.close();
    Files.delete(home.resolve("engine.sock"));
    engine = new ScriptedEngine(home);
    engine.on("POST /containers/create", 404, "{\"message\":\"No such image: nginx:latest\"}");

    CommandRun outcome = run("run", "--pull", "never", "nginx");

    assertEquals(125, outcome.code());
    assertEquals(
        "Error response from daemon: No such image: nginx:latest\n"
            + "Next: gantry images  shows which images there are;  gantry pull nginx:latest  gets"
            + " one\n",
        outcome.err());
  }

  @ParameterizedTest
  @CsvSource({
    "exec: \"nope\": executable file not found in $PATH, 127",
    "open /etc: permission denied, 126",
    "driver failed programming external connectivity, 125"
  })
  void commandThatCannotBeStarted_hasDockersExitCode(String words, int code) throws IOException {
    engine.close();
    Files.delete(home.resolve("engine.sock"));
    engine = new ScriptedEngine(home);
    engine.on("POST /containers/create", 201, "{\"Id\":\"abc\"}");
    engine.on(
        "POST /containers/abc/start",
        400,
        Json.textMap(java.util.Map.of("message", words)).toString());
    engine.on("POST /containers/abc/wait?condition=next-exit", "{\"StatusCode\":0}");
    engine.hijacked(ATTACH, new byte[0], null);

    CommandRun outcome = run("run", "nginx", "nope");

    assertEquals(code, outcome.code(), outcome::toString);
    assertTrue(
        outcome.err().startsWith("gantry: Error response from daemon: " + words),
        outcome::toString);
  }

  @Test
  void create_translatesFlags() throws IOException {
    Json body =
        created(
            "-p8080:80",
            "-p",
            "127.0.0.1:53:53/udp",
            "-p",
            "9000-9001:9000-9001",
            "-v",
            "/data:/d:ro",
            "-v",
            "/anonymous",
            "-e",
            "A=1",
            "-e",
            "FROM_OUTSIDE",
            "-e",
            "NOT_SET",
            "-lkey=value",
            "-m",
            "64m",
            "--cpus=1.5",
            "--pids-limit",
            "7",
            "--restart",
            "on-failure:3",
            "--cap-add",
            "NET_ADMIN",
            "--tmpfs",
            "/run:size=1m",
            "--ulimit",
            "nofile=10:20",
            "--sysctl",
            "net.ipv4.ip_forward=1",
            "--add-host",
            "db:10.0.0.1",
            "--dns",
            "1.1.1.1",
            "--shm-size",
            "1g",
            "--device",
            "/dev/null:/dev/x:r",
            "--security-opt",
            "no-new-privileges",
            "--health-cmd",
            "true",
            "--health-interval",
            "1m30s",
            "--log-driver",
            "json-file",
            "--log-opt",
            "max-size=1m",
            "--network",
            "back",
            "--network-alias",
            "db",
            "--ip",
            "10.0.0.5",
            "--entrypoint",
            "",
            "-w",
            "/w",
            "-u",
            "1:2",
            "-h",
            "host",
            "--stop-timeout",
            "5",
            "--stop-signal",
            "SIGINT",
            "--init",
            "--read-only",
            "--privileged",
            "--mount",
            "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770");

    Json host = body.get("HostConfig");
    assertEquals(
        "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}],\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"53\"}],"
            + "\"9000/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"9000\"}],\"9001/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"9001\"}]}",
        host.get("PortBindings").toString());
    assertEquals(
        "{\"80/tcp\":{},\"53/udp\":{},\"9000/tcp\":{},\"9001/tcp\":{}}",
        body.get("ExposedPorts").toString());
    assertEquals(List.of("/data:/d:ro"), host.get("Binds").texts());
    assertEquals("{\"/anonymous\":{}}", body.get("Volumes").toString());
    assertEquals(List.of("A=1", "FROM_OUTSIDE=yes"), body.get("Env").texts());
    assertEquals("{\"key\":\"value\"}", body.get("Labels").toString());
    assertEquals(64L << 20, host.get("Memory").number());
    assertEquals(1_500_000_000L, host.get("NanoCpus").number());
    assertEquals(7, host.get("PidsLimit").number());
    assertEquals(
        "{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}", host.get("RestartPolicy").toString());
    assertEquals(List.of("NET_ADMIN"), host.get("CapAdd").texts());
    assertEquals("{\"/run\":\"size=1m\"}", host.get("Tmpfs").toString());
    assertEquals("[{\"Name\":\"nofile\",\"Soft\":10,\"Hard\":20}]", host.get("Ulimits").toString());
    assertEquals("{\"net.ipv4.ip_forward\":\"1\"}", host.get("Sysctls").toString());
    assertEquals(List.of("db:10.0.0.1"), host.get("ExtraHosts").texts());
    assertEquals(1L << 30, host.get("ShmSize").number());
    assertEquals(
        "[{\"PathOnHost\":\"/dev/null\",\"PathInContainer\":\"/dev/x\",\"CgroupPermissions\":\"r\"}]",
        host.get("Devices").toString());
    assertEquals(
        "{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":90000000000}",
        body.get("Healthcheck").toString());
    assertEquals(
        "{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"1m\"}}",
        host.get("LogConfig").toString());
    assertEquals("back", host.get("NetworkMode").text());
    assertEquals(
        "{\"back\":{\"Aliases\":[\"db\"],\"IPAMConfig\":{\"IPv4Address\":\"10.0.0.5\"}}}",
        body.at("NetworkingConfig", "EndpointsConfig").toString());
    assertEquals(List.of(""), body.get("Entrypoint").texts());
    assertEquals("host", body.get("Hostname").text());
    assertEquals(5, body.get("StopTimeout").number());
    assertTrue(host.get("Init").truth());
    assertTrue(host.get("ReadonlyRootfs").truth());
    assertEquals(
        "[{\"Target\":\"/t\",\"Type\":\"tmpfs\",\"TmpfsOptions\":{\"SizeBytes\":1048576,\"Mode\":1016}}]",
        host.get("Mounts").toString());
  }

  @Test
  void create_readsVariablesFromFiles() throws IOException {
    Files.writeString(home.resolve("env"), "# no\nA=from file\n\nFROM_OUTSIDE\n");

    assertEquals(
        List.of("A=from file", "FROM_OUTSIDE=yes", "B=2"),
        created("--env-file", "env", "-e", "B=2").get("Env").texts());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-p|1:2:3:4|invalid IP address: 1:2",
        "-p|x:80|invalid port: x",
        "-p|80/icmp|invalid proto: icmp",
        "-m|lots|not a size such as 512m or 2g",
        "--cpus|many|not a number such as 1.5",
        "--mount|type=bind,source=/a|target is required",
        "--mount|type=bind,tgt=/a|unknown option 'tgt'",
        "--env-file|nowhere|no such file",
        "--ulimit|nofile|write it as name=soft[:hard]",
        "--pull|often|invalid pull option: 'often'",
        "--detach-keys|ctrl-pp|invalid detach keys (ctrl-pp)",
        "--restart|always:x|maximum retry count must be an integer"
      })
  void badFlags_areRefusedBeforeTheEngineIsAsked(String flag, String value, String words) {
    CommandRun outcome = run("run", flag, value, "nginx");

    assertEquals(125, outcome.code(), outcome::toString);
    assertTrue(outcome.err().contains(words), outcome::toString);
    if (!flag.equals("--detach-keys")) {
      assertEquals(List.of(), engine.lines());
    }
  }

  @Test
  void exec_exitsAsTheCommandDoes() throws IOException {
    engine.on("POST /containers/web/exec", 201, "{\"Id\":\"e1\"}");
    engine.hijacked("POST /exec/e1/start", ScriptedEngine.frame(1, "done\n"), null);
    engine.on("GET /exec/e1/json", "{\"ExitCode\":7,\"Running\":false}");

    CommandRun outcome = run("exec", "-e", "A=1", "-w", "/w", "-u", "me", "web", "ls", "-l");

    assertEquals(7, outcome.code(), outcome::toString);
    assertEquals("done\n", outcome.out());
    Json body = Json.parse(engine.body("POST /containers/web/exec"));
    assertEquals(List.of("ls", "-l"), body.get("Cmd").texts());
    assertEquals("me", body.get("User").text());
    assertEquals("{\"Detach\":false,\"Tty\":false}", engine.body("POST /exec/e1/start"));
  }

  @Test
  void logs_areShownAsTheyWereWritten() {
    engine.on("GET /containers/web/json", "{\"Id\":\"abc\",\"Config\":{\"Tty\":false}}");
    engine.on(
        "GET /containers/abc/logs?stdout=1&stderr=1&timestamps=1&since=5&tail=2",
        (in, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
          byte[] frames =
              ScriptedEngine.frames(ScriptedEngine.frame(1, "a\n"), ScriptedEngine.frame(2, "b\n"));
          out.write((Integer.toHexString(frames.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
          new ByteArrayInputStream(frames).transferTo(out);
          out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        });

    CommandRun outcome = run("logs", "-t", "--since", "5", "-n", "2", "web");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("a\n", outcome.out());
    assertEquals("b\n", outcome.err());
  }

  @Test
  void stop_goesOnAfterAFailure() {
    engine.on("POST /containers/gone/stop?t=3", 404, "{\"message\":\"No such container: gone\"}");
    engine.on("POST /containers/web/stop?t=3", 304, "");

    CommandRun outcome = run("stop", "-t", "3", "gone", "web");

    assertEquals(1, outcome.code());
    assertEquals("web\n", outcome.out());
    assertEquals(
        "Error response from daemon: No such container: gone\n"
            + "Next: gantry ps -a  shows which containers there are\n",
        outcome.err());
  }

  @Test
  void failureInTheMiddleOfAPull_isToldInTheEnginesWords() {
    engine.on(
        "POST /images/create?fromImage=nginx&tag=1",
        "{\"status\":\"Pulling\"}\n"
            + "{\"errorDetail\":{\"message\":\"no space left on device\"},\"error\":\"no space left"
            + " on device\"}\n");

    CommandRun outcome = run("pull", "nginx:1");

    assertEquals(1, outcome.code());
    assertEquals("Pulling\n", outcome.out());
    assertEquals("no space left on device\n", outcome.err());
  }

  @Test
  void login_keepsWhatTheRegistryAccepts() throws IOException {
    engine.on("POST /auth", "{\"Status\":\"Login Succeeded\"}");
    engine.on("POST /images/create?fromImage=r.example%3A5000%2Fa&tag=1", "{\"status\":\"ok\"}\n");

    CommandRun outcome =
        new CommandRun(home)
            .against(engine)
            .reading("secret\n")
            .run("login", "-u", "me", "--password-stdin", "r.example:5000");
    CommandRun pull = run("pull", "r.example:5000/a:1");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals(0, pull.code(), pull::toString);
    assertEquals("Login Succeeded\n", outcome.out());
    assertTrue(
        Files.readString(home.resolve(".docker/config.json"))
            .contains("\"auth\": \"bWU6c2VjcmV0\""));
    String header = engine.asked().get(engine.asked().size() - 1).headers().get("x-registry-auth");
    Json sent =
        Json.parse(
            new String(java.util.Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8));
    assertEquals("secret", sent.get("password").text());
  }
}
