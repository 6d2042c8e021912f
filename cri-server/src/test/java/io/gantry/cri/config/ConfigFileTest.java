package io.gantry.cri.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigFileTest {

  private static Config parse(String toml) throws ConfigException {
    return ConfigFile.parse("gantry.toml", toml, Map.of()).config();
  }

  private static List<String> problems(String toml) {
    return assertThrows(ConfigException.class, () -> parse(toml)).getMessage().lines().toList();
  }

  @Test
  void printedDefaults_parseBackToTheDefaults() throws ConfigException {
    assertEquals(Config.defaults(), parse(ConfigFile.printDefaults()));
  }

  @Test
  void printedDefaults_nameAndExplainEveryKey() {
    List<String> lines = ConfigFile.printDefaults().lines().toList();
    for (Key<?> key : Keys.ALL) {
      int line = lines.indexOf("# " + key.words());
      int reload = lines.indexOf("# " + key.words() + " Re-read on SIGHUP.");
      assertTrue(lines.get(Math.max(line, reload) + 1).startsWith(key.name() + " = "), key.path());
    }
  }

  @Test
  void emptyFile_isTheDefaults() throws ConfigException {
    assertEquals(Config.defaults(), parse(""));
  }

  @Test
  void everyDefault_isAsPromised() {
    Config config = Config.defaults();
    assertEquals(Path.of("/var/lib/gantry"), config.paths().root());
    assertEquals(Path.of("/run/gantry"), config.paths().state());
    assertEquals("unix:///run/gantry/gantry.sock", config.server().listen().toString());
    assertEquals(16 << 20, config.server().maxReceiveBytes());
    assertEquals(Path.of("/etc/gantry/certs.d"), config.images().certsDir());
    assertEquals(3, config.images().maxConcurrentDownloads());
    assertEquals(16, config.images().maxConnections());
    assertEquals(Optional.of(Path.of("/etc/gantry/auth.json")), config.registry().authFile());
    assertEquals("", config.registry().httpsProxy());
    assertEquals(Duration.ofSeconds(60), config.registry().noProgressTimeout());
    assertEquals(32 << 20, config.registry().partBytes());
    assertEquals(4, config.registry().connectionsPerLayer());
    assertEquals(Path.of("/etc/cni/net.d"), config.cni().confDir());
    assertEquals(List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")), config.cni().binDirs());
    assertEquals(67108864, config.pods().shmBytes());
    assertEquals(16384, config.containers().maxLogLineBytes());
    assertEquals(16 << 20, config.containers().execOutputBytes());
    assertEquals("criu", config.checkpoint().criu());
    assertEquals(false, config.checkpoint().images());
    assertEquals(LogLevel.INFO, config.log().level());
    assertEquals("127.0.0.1", config.streaming().address().getHostAddress());
    assertEquals(0, config.streaming().port());
    assertEquals(Duration.ofHours(4), config.streaming().idleTimeout());
    assertEquals(Duration.ofSeconds(30), config.streaming().streamCreationTimeout());
  }

  @Test
  void registryServer_isOffAndModest() throws ConfigException {
    Config.RegistryServer server = Config.defaults().registryServer();
    assertEquals(Optional.empty(), server.listen());
    assertEquals(Optional.empty(), server.htpasswd());
    assertEquals(Optional.empty(), server.upstream());
    assertEquals(List.of(), server.rules());
    assertEquals(false, server.readOnly());
    assertEquals(256, server.maxConnections());
    assertEquals(64L << 30, server.maxBlobBytes());
    assertEquals(4 << 20, server.maxManifestBytes());
    assertEquals(Duration.ofHours(24), server.uploadTimeout());
    assertEquals(Duration.ofSeconds(60), server.progressTimeout());
  }

  @Test
  void registryServer_isReadAsWritten() throws ConfigException {
    Config.RegistryServer server =
        parse(
                """
                [registry_server]
                listen = "[::1]:5000"
                rules = ["ci pull,push builds/**"]
                upstream = "docker.io"
                """)
            .registryServer();

    assertEquals(5000, server.listen().orElseThrow().getPort());
    assertEquals("[ci pull,push builds/**]", server.rules().toString());
    assertEquals(Optional.of("docker.io"), server.upstream());
  }

  @Test
  void registryServer_isToldWhatIsWrong() {
    assertEquals(
        List.of(
            "gantry.toml:2: registry_server.listen: expected an IP address with a port such as"
                + " \"127.0.0.1:5000\" or \"[::1]:5000\", found \"localhost:5000\"",
            "gantry.toml:3: registry_server.rules: \"ci read **\": rights are pull, push and"
                + " delete, not \"read\"",
            "gantry.toml:4: registry_server.upstream: expected a registry's name such as"
                + " \"docker.io\" or \"registry.example:5000\", found \"https://docker.io\"",
            "gantry.toml: registry_server.tls_cert and registry_server.tls_key need each other"),
        problems(
            """
            [registry_server]
            listen = "localhost:5000"
            rules = ["ci read **"]
            upstream = "https://docker.io"
            tls_cert = "/c.pem"
            """));
  }

  @Test
  void streamingKeys_areCheckedTogether() {
    assertEquals(
        List.of(
            "gantry.toml:2: streaming.address: expected an IP address such as \"127.0.0.1\" or"
                + " \"::1\", found \"localhost\"",
            "gantry.toml: streaming.tls_cert and streaming.tls_key need each other"),
        problems(
            """
            [streaming]
            address = "localhost"
            tls_cert = "/etc/cert.pem"
            """));
  }

  @Test
  void listenAddress_followsTheStateDirectory() throws ConfigException {
    Config config = parse("[paths]\nstate = \"/tmp/other\"");
    assertEquals(Path.of("/tmp/other/gantry.sock"), config.server().listen().socket());
  }

  @Test
  void values_areReadWithTheirUnits() throws ConfigException {
    Config config =
        parse(
            """
            server.stop_timeout = "1500ms"
            [cni]
            bin_dirs = ["/a", "/b"] # two
            timeout = "2m"
            [shim]
            pool_size = 0
            """);
    assertEquals(Duration.ofMillis(1500), config.server().stopTimeout());
    assertEquals(Duration.ofMinutes(2), config.cni().timeout());
    assertEquals(List.of(Path.of("/a"), Path.of("/b")), config.cni().binDirs());
    assertEquals(0, config.shim().poolSize());
  }

  @Test
  void unknownKeys_areNamedWithTheirLine() {
    assertEquals(
        List.of(
            "gantry.toml:2: unknown key log.levle",
            "gantry.toml:4: unknown key pathz",
            "gantry.toml:7: unknown key cni.\"odd key\"".replace("\"", "")),
        problems(
            """
            [log]
            levle = "info"

            [pathz]
            root = "/x"
            [cni]
            "odd key" = 1
            """));
  }

  @Test
  void runtimes_areTablesOfAnyName_besideGantrysOwn() throws ConfigException {
    Config.Runtimes runtimes =
        parse(
                """
                pods.default_runtime = "crun"
                [runtimes.crun]
                shim = "io.containerd.runc.v2"
                binary_name = "crun"
                sharing = "pod"
                [runtimes.kata]
                shim = "/opt/kata/shim"
                config_path = "/etc/kata.toml"
                privileged_without_host_devices = true
                """)
            .runtimes();
    assertEquals(List.of("crun", "gantry", "kata"), List.copyOf(runtimes.byName().keySet()));
    assertTrue(runtimes.find("gantry").orElseThrow().isOwn());
    assertEquals(Sharing.CONTAINER, runtimes.find("gantry").orElseThrow().sharing());
    assertEquals(
        new Config.Runtime(
            "crun",
            "io.containerd.runc.v2",
            Sharing.POD,
            Optional.of("crun"),
            Optional.empty(),
            false),
        runtimes.find("").orElseThrow());
    assertTrue(runtimes.find("kata").orElseThrow().privilegedWithoutHostDevices());
    assertEquals(Optional.empty(), runtimes.find("runc"));
  }

  @Test
  void problemsOfRuntimes_areNamedWithTheirLine() {
    assertEquals(
        List.of(
            "gantry.toml:4: unknown key runtimes.runc.binary",
            "gantry.toml:5: runtimes.runc.sharing: expected one of \"container\", \"pod\","
                + " \"node\", found \"cluster\"",
            "gantry.toml:6: runtimes.Upper: a handler's name is at most 253 lower case letters,"
                + " digits, \"-\" and \".\"",
            "gantry.toml:8: runtimes.odd is a table",
            "gantry.toml:2: pods.default_runtime: there is no table [runtimes.kata]"),
        problems(
            """
            [pods]
            default_runtime = "kata"
            [runtimes.runc]
            binary = "crun"
            sharing = "cluster"
            [runtimes.Upper]
            [runtimes]
            odd = 1
            """));
  }

  @Test
  void allProblems_areReportedAtOnce() {
    assertEquals(
        List.of(
            "gantry.toml:2: shim.pool_size: 65 is not between 0 and 64",
            "gantry.toml:4: log.level: expected one of \"error\", \"warn\", \"info\", \"debug\","
                + " \"trace\", found \"loud\"",
            "gantry.toml:6: paths.root: \"var\" is not an absolute path",
            "gantry.toml:8: server.stop_timeout: expected a time such as \"500ms\", \"10s\","
                + " \"2m\" or \"1h\", found \"10\""),
        problems(
            """
            [shim]
            pool_size = 65
            [log]
            level = "loud"
            [paths]
            root = "var"
            [server]
            stop_timeout = "10"
            """));
  }

  @Test
  void brokenToml_isToldWithItsLine() {
    String problem = problems("[log]\nlevel = \"info\"\nroot = = 1\n").get(0);
    assertTrue(problem.startsWith("gantry.toml:3: "), problem);
  }

  @Test
  void flags_winOverTheFile() throws ConfigException {
    Map<String, String> flags = Map.of("log.level", "debug", "paths.state", "/tmp/s");
    Config config = ConfigFile.parse("gantry.toml", "[log]\nlevel = \"warn\"", flags).config();
    assertEquals(LogLevel.DEBUG, config.log().level());
    assertEquals(Path.of("/tmp/s/gantry.sock"), config.server().listen().socket());
  }

  @Test
  void badFlag_isAProblemLikeOthers() {
    Map<String, String> flags = Map.of("server.listen", "tcp://1.2.3.4");
    var e =
        assertThrows(ConfigException.class, () -> ConfigFile.parse("gantry.toml", "x = 1", flags));
    assertEquals(
        "gantry.toml:1: unknown key x\n"
            + "flag for server.listen: \"tcp://1.2.3.4\" does not begin with unix://",
        e.getMessage());
  }

  @Test
  void namedFile_mustExist() {
    Path file = Path.of("/nonexistent/gantry.toml");
    var e = assertThrows(ConfigException.class, () -> ConfigFile.read(file, Map.of()));
    assertEquals(file + ": no such file", e.getMessage());
  }

  @Test
  void reload_takesWhatCanChangeAndNamesTheRest() throws ConfigException {
    Settings before = ConfigFile.parse("a", "", Map.of());
    Settings after =
        ConfigFile.parse("a", "[log]\nlevel = \"debug\"\n[images]\ncerts_d = \"/c\"", Map.of());
    Settings.Reload reload = before.reload(after);
    assertEquals(List.of("log.level"), reload.taken());
    assertEquals(List.of("images.certs_d"), reload.needRestart());
    assertEquals(LogLevel.DEBUG, reload.settings().config().log().level());
    assertEquals(Path.of("/etc/gantry/certs.d"), reload.settings().config().images().certsDir());
  }
}
