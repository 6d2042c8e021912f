package io.gantry.docker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.docker.cli.archive.TarEntry;
import io.gantry.docker.cli.archive.TarReader;
import io.gantry.docker.cli.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
  @TempDir private Path home;
  private ScriptedEngine engine;

  @BeforeEach
  void start() throws IOException {
    engine = new ScriptedEngine(home);
  }

  @AfterEach
  void stop() throws IOException {
    engine.close();
  }

  private CommandRun run(String... words) {
    return new CommandRun(home).against(engine).run(words);
  }

  private static List<String> names(String archive) throws IOException {
    TarReader reader =
        new TarReader(new ByteArrayInputStream(archive.getBytes(StandardCharsets.ISO_8859_1)));
    List<String> names = new ArrayList<>();
    for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      names.add(next.get().name());
    }
    return names;
  }

  private void stat(String method, String path, String stat, byte[] body) {
    String encoded = Base64.getEncoder().encodeToString(stat.getBytes(StandardCharsets.UTF_8));
    engine.on(
        method + " /containers/web/archive?path=" + path,
        (in, out) -> {
          out.write(
              ("HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: "
                      + encoded
                      + "\r\nContent-Length: "
                      + body.length
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8));
          out.write(body);
        });
  }

  @Test
  void cp_intoADirectoryKeepsTheName() throws IOException {
    Files.createDirectories(home.resolve("src/sub"));
    Files.writeString(home.resolve("src/sub/f"), "x");
    stat("HEAD", "%2Fdata", "{\"name\":\"data\",\"mode\":2147484141}", new byte[0]);
    engine.on("GET /_ping", "OK");
    String put = "PUT /containers/web/archive?path=%2Fdata&noOverwriteDirNonDir=true";
    engine.on(put, "");

    CommandRun outcome = run("cp", "src", "web:/data");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals(List.of("src/", "src/sub/", "src/sub/f"), names(engine.body(put)));
  }

  @Test
  void cp_toWhatIsNotThereBecomesIt() throws IOException {
    Files.writeString(home.resolve("f"), "x");
    engine.on("HEAD /containers/web/archive?path=%2Fetc%2Fnew", 404, "");
    engine.on("GET /_ping", "OK");
    String put = "PUT /containers/web/archive?path=%2Fetc&noOverwriteDirNonDir=true";
    engine.on(put, "");

    CommandRun outcome = run("cp", "f", "web:/etc/new");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals(List.of("new"), names(engine.body(put)));
  }

  @Test
  void cp_outOfAContainer() throws IOException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (TarWriter writer = new TarWriter(archive)) {
      writer.put(
          new TarEntry("hosts", TarEntry.Kind.FILE, 0644, 3, 0, Optional.empty()),
          new ByteArrayInputStream("abc".getBytes(StandardCharsets.UTF_8)));
    }
    stat("GET", "%2Fetc%2Fhosts", "{\"name\":\"hosts\",\"mode\":420}", archive.toByteArray());

    assertEquals(0, run("cp", "web:/etc/hosts", "copy").code());
    assertEquals(0, run("cp", "web:/etc/hosts", ".").code());

    assertEquals("abc", Files.readString(home.resolve("copy")));
    assertEquals("abc", Files.readString(home.resolve("hosts")));
  }

  @Test
  void cp_needsAContainer() {
    CommandRun outcome = run("cp", "a", "b");

    assertEquals(1, outcome.code());
    assertTrue(outcome.err().startsWith("must specify at least one container source"));
  }

  @Test
  void build_sendsTheContextWithoutWhatIsIgnored() throws IOException {
    Path context = Files.createDirectories(home.resolve("ctx/node_modules/x"));
    Files.writeString(context.resolve("big"), "x");
    Files.writeString(home.resolve("ctx/Dockerfile"), "FROM scratch");
    Files.writeString(home.resolve("ctx/app"), "x");
    Files.writeString(home.resolve("ctx/.dockerignore"), "node_modules\nDockerfile\n");
    engine.on("GET /_ping", "OK");
    String post =
        "POST /build?t=app%3A1&dockerfile=Dockerfile&rm=1&nocache=1"
            + "&buildargs=%7B%22A%22%3A%221%22%2C%22FROM_OUTSIDE%22%3A%22yes%22%7D&labels=%7B%7D&target=last";
    engine.on(
        post,
        "{\"stream\":\"Step 1/1 : FROM scratch\\n\"}\r\n{\"aux\":{\"ID\":\"sha256:1234\"}}\r\n"
            + "{\"stream\":\"Successfully built 1234\\n\"}\r\n");

    CommandRun outcome =
        run(
            "build",
            "-t",
            "app:1",
            "--no-cache",
            "--build-arg",
            "A=1",
            "--build-arg",
            "FROM_OUTSIDE",
            "--target",
            "last",
            "--iidfile",
            "id",
            "ctx");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals("Step 1/1 : FROM scratch\nSuccessfully built 1234\n", outcome.out());
    assertEquals(List.of(".dockerignore", "Dockerfile", "app"), names(engine.body(post)));
    assertEquals("sha256:1234", Files.readString(home.resolve("id")));
  }

  @Test
  void build_takesADockerfileFromStandardInput() throws IOException {
    engine.on("GET /_ping", "OK");
    String post = "POST /build?dockerfile=Dockerfile&rm=1&buildargs=%7B%7D&labels=%7B%7D";
    engine.on(
        post, "{\"errorDetail\":{\"code\":5,\"message\":\"failed\"},\"error\":\"failed\"}\r\n");

    CommandRun outcome =
        new CommandRun(home).against(engine).reading("FROM scratch\n").run("build", "-");

    assertEquals(5, outcome.code(), outcome::toString);
    assertEquals("failed\n", outcome.err());
    assertEquals(List.of("Dockerfile"), names(engine.body(post)));
  }

  @Test
  void build_withoutADockerfileSaysSo() throws IOException {
    Files.createDirectories(home.resolve("ctx"));

    CommandRun outcome = run("build", "ctx");

    assertEquals(1, outcome.code());
    assertTrue(
        outcome.err().contains("ctx/Dockerfile: no such file or directory; name it with -f"));
  }

  @Test
  void stats_areShownOnce() {
    engine.on("GET /containers/json", "[{\"Id\":\"aaaaaaaaaaaaaaaa\"}]");
    engine.on(
        "GET /containers/aaaaaaaaaaaaaaaa/stats?stream=0",
        "{\"id\":\"aaaaaaaaaaaaaaaa\",\"name\":\"/web\",\"pids_stats\":{\"current\":3},"
            + "\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":300},\"system_cpu_usage\":2000,\"online_cpus\":2},"
            + "\"precpu_stats\":{\"cpu_usage\":{\"total_usage\":200},\"system_cpu_usage\":1000},"
            + "\"memory_stats\":{\"usage\":2097152,\"limit\":4194304,\"stats\":{\"inactive_file\":1048576}},"
            + "\"networks\":{\"eth0\":{\"rx_bytes\":1500,\"tx_bytes\":10}}}");

    CommandRun outcome = run("stats", "--no-stream");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals(
        "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O       BLOCK I/O "
            + "  PIDS\n"
            + "aaaaaaaaaaaa   web       20.00%    1MiB / 4MiB         25.00%    1.5kB / 10B   0B /"
            + " 0B     3\n",
        outcome.out());
  }

  @Test
  void completion_offersCommandsFlagsAndNames() {
    engine.on("GET /containers/json?all=1", "[{\"Names\":[\"/web\"]},{\"Names\":[\"/worker\"]}]");

    assertEquals("rename\nrestart\n", run("__complete", "re").out().replace("registry\n", ""));
    assertEquals("ls\n", run("__complete", "network", "l").out());
    assertEquals("--no-stream\n--no-trunc\n", run("__complete", "stats", "--no").out());
    assertEquals("web\n", run("__complete", "stop", "we").out());
    assertTrue(run("completion", "bash").out().contains("complete -o nosort -F _gantry gantry"));
    assertEquals(1, run("completion", "powershell").code());
  }
}
