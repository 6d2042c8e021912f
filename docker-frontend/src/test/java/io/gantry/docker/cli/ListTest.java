package io.gantry.docker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListTest {
  private static final String TWO_CONTAINERS =
      """
      [{"Id":"aaaaaaaaaaaaaaaaaaaaaaaa","Names":["/web","/other/web"],"Image":"nginx","ImageID":"sha256:11",\
      "Command":"/docker-entrypoint.sh nginx -g daemon","Created":1,"State":"running","Status":"Up 2 hours",\
      "SizeRw":1500,"SizeRootFs":77900000,"Labels":{"b":"2","a":"1"},\
      "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},\
      {"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"PrivatePort":443,"Type":"tcp"}],\
      "Mounts":[{"Type":"volume","Name":"data","Driver":"local"}],\
      "NetworkSettings":{"Networks":{"bridge":{},"back":{}}}},\
      {"Id":"bbbbbbbbbbbbbbbbbbbbbbbb","Names":["/job"],"Image":"sha256:cccccccccccccccccccccccc","ImageID":\
      "sha256:cccccccccccccccccccccccc","Command":"sh","Created":1,"State":"exited","Status":"Exited (3) 1 hour ago"}]
      """;

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

  @Test
  void ps_showsATable() {
    engine.on("GET /containers/json", TWO_CONTAINERS);

    CommandRun outcome = run("ps");

    assertEquals(0, outcome.code(), outcome::toString);
    List<String> lines = outcome.out().lines().toList();
    assertEquals(
        "CONTAINER ID   IMAGE          COMMAND                  CREATED        STATUS              "
            + "    PORTS                                              NAMES",
        lines.get(0));
    assertTrue(
        lines
            .get(1)
            .matches(
                "aaaaaaaaaaaa   nginx          \"/docker-entrypoint.…\"   \\d\\d years ago   Up 2"
                    + " hours              443/tcp, 0.0.0.0:8080->80/tcp, \\[::\\]:8080->80/tcp  "
                    + " web"),
        outcome::toString);
    assertTrue(lines.get(2).startsWith("bbbbbbbbbbbb   cccccccccccc   \"sh\""), outcome::toString);
  }

  @Test
  void ps_asksForWhatWasGiven() {
    engine.on(
        "GET /containers/json?all=1&size=1&limit=3&filters=%7B%22status%22%3A%7B%22exited%22%3Atrue%7D%7D",
        "[]");

    CommandRun outcome = run("ps", "-as", "-n3", "--filter", "status=exited");

    assertEquals(0, outcome.code(), outcome::toString);
    assertTrue(outcome.out().endsWith("NAMES     SIZE\n"), outcome::toString);
  }

  @Test
  void ps_quietShowsIdsOnly() {
    engine.on("GET /containers/json", TWO_CONTAINERS);

    assertEquals("aaaaaaaaaaaa\nbbbbbbbbbbbb\n", run("ps", "-q").out());
    assertEquals(
        "aaaaaaaaaaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbbbbbbbbbb\n",
        run("ps", "-q", "--no-trunc").out());
  }

  @Test
  void ps_fillsInTemplates() {
    engine.on("GET /containers/json", TWO_CONTAINERS);
    engine.on("GET /containers/json?size=1", TWO_CONTAINERS);

    assertEquals(
        "web 1 a=1,b=2 bridge data\njob   \n",
        run(
                "ps",
                "--format",
                "{{.Names}} {{.Label \"a\"}} {{.Labels}} {{index (split .Networks \",\") 0}}"
                    + "{{if .Mounts}} {{.Mounts}}{{end}}")
            .out());
    assertEquals(
        "NAMES     STATE\nweb       RUNNING\njob       EXITED\n",
        run("ps", "--format", "table {{.Names}}\\t{{upper .State}}").out());
    assertEquals("1.5kB (virtual 77.9MB)\n0B\n", run("ps", "--format", "{{.Size}}").out());
  }

  @Test
  void ps_asJsonIsALineForEach() {
    engine.on("GET /containers/json", TWO_CONTAINERS);

    List<String> lines = run("ps", "--format", "json").out().lines().toList();

    assertEquals(2, lines.size());
    assertTrue(
        lines.get(0).startsWith("{\"Command\":\"\\\"/docker-entrypoint.…\\\"\",\"CreatedAt\":"),
        lines::toString);
    assertTrue(lines.get(0).contains("\"LocalVolumes\":\"1\""), lines::toString);
  }

  @Test
  void ps_usesTheFormatOfTheUsersConfiguration() throws IOException {
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(home.resolve(".docker/config.json"), "{\"psFormat\":\"{{.Names}}\"}");
    engine.on("GET /containers/json", TWO_CONTAINERS);

    assertEquals("web\njob\n", run("ps").out());
  }

  @Test
  void templateThatAsksForNothingKnown_exits1() {
    engine.on("GET /containers/json", TWO_CONTAINERS);

    CommandRun outcome = run("ps", "--format", "{{.Nmaes}}");

    assertEquals(1, outcome.code());
    assertTrue(outcome.err().contains("<.Nmaes>"), outcome::toString);
  }

  @Test
  void engineOfAnOlderVersion_isSpokenToInIt() {
    engine.on(
        "GET /containers/json",
        400,
        "{\"message\":\"client version 1.50 is too new. Maximum supported API version is 1.41\"}");
    engine.on("GET /containers/json", "[]");

    CommandRun outcome = run("ps", "-q");

    assertEquals(0, outcome.code(), outcome::toString);
    assertEquals(
        List.of("1.50", "1.41"),
        engine.asked().stream().map(ScriptedEngine.Asked::version).toList());
  }

  @Test
  void images_showsARowForEachName() {
    engine.on(
        "GET /images/json",
        """
        [{"Id":"sha256:aaaaaaaaaaaaaaaaaaaa","RepoTags":["nginx:1","r.local:5000/nginx:2"],\
        "RepoDigests":["nginx@sha256:dd"],"Created":1,"Size":77912345,"SharedSize":-1,"Containers":-1},\
        {"Id":"sha256:bbbbbbbbbbbbbbbbbbbb","RepoTags":[],"RepoDigests":[],"Created":1,"Size":0,"SharedSize":-1,"Containers":-1}]
        """);

    List<String> lines = run("images").out().lines().toList();

    assertEquals("REPOSITORY           TAG       IMAGE ID       CREATED        SIZE", lines.get(0));
    assertTrue(
        lines.get(1).matches("nginx {16}1 {9}aaaaaaaaaaaa   \\d\\d years ago   77.9MB"),
        lines::toString);
    assertTrue(
        lines.get(2).startsWith("r.local:5000/nginx   2         aaaaaaaaaaaa"), lines::toString);
    assertTrue(
        lines.get(3).matches("<none> {15}<none> {4}bbbbbbbbbbbb   \\d\\d years ago   0B"),
        lines::toString);
    assertEquals("aaaaaaaaaaaa\naaaaaaaaaaaa\nbbbbbbbbbbbb\n", run("images", "-q").out());
  }

  @Test
  void images_withANameAsksForThatOne() {
    engine.on("GET /images/json?filters=%7B%22reference%22%3A%7B%22nginx%22%3Atrue%7D%7D", "[]");

    assertEquals(
        "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n", run("images", "nginx").out());
  }

  @Test
  void inspect_showsWhateverHasTheName() {
    engine.on("GET /containers/web/json", 404, "{\"message\":\"No such container: web\"}");
    engine.on(
        "GET /images/web/json", "{\"Id\":\"sha256:1\",\"Config\":{\"Cmd\":[\"sh\"],\"Env\":null}}");

    assertEquals(
        """
        [
            {
                "Id": "sha256:1",
                "Config": {
                    "Cmd": [
                        "sh"
                    ],
                    "Env": null
                }
            }
        ]
        """,
        run("inspect", "web").out());
    assertEquals(
        "[sh] [\"sh\"]\n",
        run("inspect", "-f", "{{.Config.Cmd}} {{json .Config.Cmd}}", "web").out());
  }

  @Test
  void inspect_saysWhatIsNotThereAndShowsTheRest() {
    for (String each :
        List.of("containers/%s/json", "images/%s/json", "networks/%s", "volumes/%s")) {
      engine.on("GET /" + each.formatted("gone"), 404, "{\"message\":\"no\"}");
    }
    engine.on("GET /containers/web/json", "{\"Name\":\"/web\"}");

    CommandRun outcome = run("inspect", "-f", "{{.Name}}", "gone", "web");

    assertEquals(1, outcome.code());
    assertEquals("/web\n", outcome.out());
    assertEquals("Error: No such object: gone\n", outcome.err());
  }

  @Test
  void version_showsBothSides() {
    engine.on(
        "GET /version",
        "{\"Version\":\"9.9\",\"ApiVersion\":\"1.50\",\"MinAPIVersion\":\"1.24\",\"Os\":\"linux\",\"Arch\":\"amd64\"}");

    CommandRun outcome = run("version");

    assertEquals(0, outcome.code(), outcome::toString);
    assertTrue(
        outcome
            .out()
            .contains(
                "\n"
                    + "Server:\n"
                    + " Engine:\n"
                    + "  Version:          9.9\n"
                    + "  API version:      1.50 (minimum version 1.24)\n"),
        outcome::toString);
    assertEquals("9.9\n", run("version", "--format", "{{.Server.Version}}").out());
  }
}
