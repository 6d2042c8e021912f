package io.gantry.cri.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.cri.config.Config;
import io.gantry.cri.config.IpPreference;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks with plugins that are shell scripts: they write down how they were called, and answer as
 * a test wants.
 */
@Timeout(30)
class NetworksTest {
  private static final String POD = "0123456789abcdef";

  @TempDir private Path directory;
  private final ObjectMapper json = new ObjectMapper();
  private Path calls;
  private Duration timeout = Duration.ofSeconds(10);

  @BeforeEach
  void makeDirectories() throws IOException {
    for (String name : List.of("net.d", "bin", "calls")) {
      Files.createDirectories(directory.resolve(name));
    }
    calls = directory.resolve("calls");
  }

  private Networks open() throws IOException {
    var config =
        new Config.Cni(
            directory.resolve("net.d"),
            List.of(directory.resolve("missing"), directory.resolve("bin")),
            timeout,
            IpPreference.IPV4,
            Optional.empty());
    return Networks.open(config, directory.resolve("results"), Clock.systemUTC(), FaultPoints.NONE);
  }

  private void config(String file, String content) throws IOException {
    Files.writeString(directory.resolve("net.d").resolve(file), content);
  }

  /**
   * A plugin that records its environment and input, then runs {@code body}, where $CNI_COMMAND and
   * $n are known.
   */
  private void plugin(String type, String body) throws IOException {
    Path file = directory.resolve("bin").resolve(type);
    String record =
        """
        #!/bin/sh
        n=$(ls %1$s | wc -l)
        out=%1$s/$(printf %%02d $n).%2$s.$CNI_COMMAND
        env | grep ^CNI_ | sort >$out
        cat >%3$s/last.json
        cp %3$s/last.json %3$s/$CNI_COMMAND.%2$s.json
        """
            .formatted(calls, type, directory);
    Files.writeString(file, record + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void answering(String type, String ip) throws IOException {
    plugin(
        type,
        "[ $CNI_COMMAND = ADD ] && echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"%s/24\"}]}'; true"
            .formatted(ip));
  }

  private void failing(String type, String command, String output) throws IOException {
    plugin(
        type, "[ $CNI_COMMAND = %s ] && { echo '%s'; exit 1; }; true".formatted(command, output));
  }

  private List<String> called() throws IOException {
    try (var files = Files.list(calls)) {
      return files.map(file -> file.getFileName().toString().substring(3)).sorted().toList();
    }
  }

  private List<String> calledInOrder() throws IOException {
    try (var files = Files.list(calls)) {
      return files.sorted().map(file -> file.getFileName().toString().substring(3)).toList();
    }
  }

  private JsonNode input(String type, String command) throws IOException {
    return json.readTree(Files.readString(directory.resolve(command + "." + type + ".json")));
  }

  private AttachRequest request() {
    return request(PodSandboxConfig.getDefaultInstance());
  }

  private AttachRequest request(PodSandboxConfig pod) {
    return new AttachRequest(
        POD, directory.resolve("bin"), Map.of("K8S_POD_NAME", "web"), Capabilities.of(pod));
  }

  private void twoPlugins() throws IOException {
    config(
        "10-net.conflist",
        """
        {"cniVersion":"1.0.0","name":"net","plugins":[
          {"type":"first","extra":{"a":1}},
          {"type":"second","capabilities":{"portMappings":true,"dns":false}}]}
        """);
    answering("first", "10.1.2.3");
    answering("second", "10.1.2.3");
  }

  @Test
  void attach_runsThePluginsInOrderAndDetachInReverse() throws Exception {
    twoPlugins();
    Networks networks = open();
    assertEquals(List.of("10.1.2.3"), networks.attach(request()).ips());
    networks.detach(POD);
    assertEquals(List.of("first.ADD", "second.ADD", "second.DEL", "first.DEL"), calledInOrder());
    assertEquals(Optional.empty(), networks.result(POD));
  }

  @Test
  void plugins_getTheEnvironmentOfTheSpecification() throws Exception {
    twoPlugins();
    open().attach(request());
    assertEquals(
        List.of(
            "CNI_ARGS=K8S_POD_NAME=web",
            "CNI_COMMAND=ADD",
            "CNI_CONTAINERID=" + POD,
            "CNI_IFNAME=eth0",
            "CNI_NETNS=" + directory.resolve("bin"),
            "CNI_PATH=" + directory.resolve("missing") + ":" + directory.resolve("bin")),
        Files.readAllLines(calls.resolve("00.first.ADD")));
  }

  @Test
  void request_isThePluginsObjectWithVersionNameAndThePreviousResult() throws Exception {
    twoPlugins();
    Networks networks = open();
    networks.attach(request());
    JsonNode first = input("first", "ADD");
    assertEquals(
        json.readTree(
            "{\"type\":\"first\",\"extra\":{\"a\":1},\"cniVersion\":\"1.0.0\",\"name\":\"net\"}"),
        first);
    assertEquals("10.1.2.3/24", input("second", "ADD").at("/prevResult/ips/0/address").asText());
    assertFalse(input("second", "ADD").has("capabilities"));
    networks.detach(POD);
    assertEquals("10.1.2.3/24", input("first", "DEL").at("/prevResult/ips/0/address").asText());
  }

  @Test
  void capabilities_goToPluginsThatDeclareThem() throws Exception {
    twoPlugins();
    var pod =
        PodSandboxConfig.newBuilder()
            .addPortMappings(PortMapping.newBuilder().setHostPort(8080).setContainerPort(80))
            .addPortMappings(PortMapping.newBuilder().setContainerPort(81))
            .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10"))
            .build();
    open().attach(request(pod));
    assertFalse(input("first", "ADD").has("runtimeConfig"));
    assertEquals(
        json.readTree(
            "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]}"),
        input("second", "ADD").get("runtimeConfig"));
  }

  @Test
  void bandwidthAnnotations_becomeBitsPerSecond() {
    var pod =
        PodSandboxConfig.newBuilder()
            .putAnnotations("kubernetes.io/ingress-bandwidth", "10M")
            .putAnnotations("kubernetes.io/egress-bandwidth", "1Ki");
    JsonNode bandwidth = Capabilities.of(pod.build()).get("bandwidth");
    assertEquals(10_000_000, bandwidth.get("ingressRate").asLong());
    assertEquals(1024, bandwidth.get("egressRate").asLong());
    assertEquals(4294967295L, bandwidth.get("egressBurst").asLong());
    for (String bad : List.of("1", "2P", "much", "")) {
      pod.putAnnotations("kubernetes.io/egress-bandwidth", bad);
      assertThrows(IllegalArgumentException.class, () -> Capabilities.of(pod.build()), bad);
    }
  }

  @Test
  void failedAttach_isDetachedAndTellsThePluginsWords() throws Exception {
    twoPlugins();
    failing(
        "second",
        "ADD",
        "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"no\",\"details\":\"later\"}");
    Networks networks = open();
    var e = assertThrows(CniException.class, () -> networks.attach(request()));
    assertEquals("CNI plugin second ADD: no: later (code 11)", e.getMessage());
    assertEquals(List.of("first.ADD", "second.ADD", "second.DEL", "first.DEL"), calledInOrder());
    assertTrue(networks.attachedPods().isEmpty());
  }

  @Test
  void detachAfterARestart_usesTheConfigurationOfTheAttach() throws Exception {
    twoPlugins();
    open().attach(request());
    Files.delete(directory.resolve("net.d/10-net.conflist"));
    Networks next = open();
    assertEquals(List.of("10.1.2.3"), next.result(POD).orElseThrow().ips());
    next.detach(POD);
    assertEquals(List.of("first.ADD", "first.DEL", "second.ADD", "second.DEL"), called());
    assertTrue(open().attachedPods().isEmpty());
  }

  @Test
  void detachAfterAReboot_namesNoNamespace() throws Exception {
    twoPlugins();
    Path gone = directory.resolve("gone");
    var request = request();
    Networks networks = open();
    networks.attach(new AttachRequest(POD, gone, request.arguments(), request.capabilities()));
    networks.detach(POD);
    assertTrue(Files.readAllLines(calls.resolve("02.second.DEL")).contains("CNI_NETNS="));
  }

  @Test
  void failedDetach_runsTheOtherPluginsAndIsTriedAgain() throws Exception {
    twoPlugins();
    Networks networks = open();
    networks.attach(request());
    failing("second", "DEL", "not json");
    var e = assertThrows(CniException.class, () -> networks.detach(POD));
    assertTrue(e.getMessage().contains("second DEL: exit status 1: not json"), e.getMessage());
    assertTrue(called().contains("first.DEL"));
    answering("second", "10.1.2.3");
    open().detach(POD);
    assertTrue(open().attachedPods().isEmpty());
  }

  @Test
  void pluginThatHangs_isKilledWithItsChildren() throws Exception {
    timeout = Duration.ofMillis(500);
    config("a.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"slow\"}");
    plugin("slow", "[ $CNI_COMMAND = ADD ] && sleep 60; true");
    Networks networks = open();
    var e = assertThrows(CniException.class, () -> networks.attach(request()));
    assertTrue(e.getMessage().startsWith("CNI plugin slow ADD: killed after"), e.getMessage());
  }

  @Test
  void pluginThatIsNotInstalled_isNamedWithThePath() throws Exception {
    config("a.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"nowhere\"}");
    var e = assertThrows(CniException.class, () -> open().attach(request()));
    assertTrue(e.getMessage().startsWith("CNI plugin nowhere is not in "), e.getMessage());
  }

  @Test
  void typeThatIsAPath_isRefused() throws Exception {
    config("a.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"../../bin/sh\"}");
    assertTrue(open().state().problem().orElseThrow().contains("type \"../../bin/sh\""));
  }

  @Test
  void noConfiguration_isAProblemThatEndsWhenOneComes() throws Exception {
    Networks networks = open();
    assertEquals(
        "no network configuration in " + directory.resolve("net.d"),
        networks.state().problem().orElseThrow());
    twoPlugins();
    assertEquals(Optional.empty(), networks.state().problem());
    Files.delete(directory.resolve("net.d/10-net.conflist"));
    assertTrue(networks.state().problem().isPresent());
  }

  @Test
  void firstValidFileInByteOrder_isTheNetwork() throws Exception {
    config("00-broken.conflist", "{");
    config("05-empty.conflist", "{\"name\":\"x\",\"plugins\":[]}");
    config("B.json", "{\"cniVersion\":\"1.0.0\",\"name\":\"upper\",\"type\":\"p\"}");
    config("a.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"lower\",\"type\":\"p\"}");
    config("0.txt", "{\"cniVersion\":\"1.0.0\",\"name\":\"other\",\"type\":\"p\"}");
    assertTrue(open().state().configuration().orElseThrow().contains("\"name\":\"upper\""));
  }

  @Test
  void allBroken_tellsEveryFilesProblem() throws Exception {
    config("a.conf", "{\"type\":");
    config("b.conflist", "{\"name\":\"x\",\"plugins\":[{\"type\":\"p\"},7]}");
    config("c.conf", "{\"cniVersion\":\"9.9.9\",\"name\":\"x\",\"type\":\"p\"}");
    String problem = open().state().problem().orElseThrow();
    for (String part : List.of("a.conf: ", "b.conflist: a plugin is no JSON", "9.9.9")) {
      assertTrue(problem.contains(part), part + " in " + problem);
    }
  }

  @Test
  void highestVersionThatBothKnow_isUsed() throws Exception {
    config(
        "a.conflist",
        """
        {"cniVersion":"0.4.0","cniVersions":["0.3.1","1.0.0","7.0.0"],"name":"n",
         "plugins":[{"type":"p"}]}
        """);
    answering("p", "10.0.0.1");
    open().attach(request());
    assertEquals("1.0.0", input("p", "ADD").get("cniVersion").asText());
  }

  @Test
  void status_isAskedOfPluginsOfVersion11() throws Exception {
    config("a.conf", "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"p\"}");
    failing("p", "STATUS", "{\"code\":50,\"msg\":\"no uplink\"}");
    Networks networks = open();
    assertEquals(
        "CNI plugin p STATUS: no uplink (code 50)", networks.state().problem().orElseThrow());
    networks.state().problem();
    assertEquals(List.of("p.STATUS"), called(), "asked once in ten seconds");
  }

  @Test
  void pluginsOfAListsDirectory_areAppended() throws Exception {
    config(
        "a.conflist", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"p\"}]}");
    Files.createDirectories(directory.resolve("net.d/n"));
    config("n/10-more.conf", "{\"type\":\"q\"}");
    answering("p", "10.0.0.1");
    answering("q", "10.0.0.1");
    open().attach(request());
    assertEquals(List.of("p.ADD", "q.ADD"), calledInOrder());
  }

  @Test
  void preferredFamily_comesFirst() {
    var result = new CniResult(List.of("fd00::1", "10.0.0.1", "fd00::2"), json.createObjectNode());
    assertEquals(List.of("10.0.0.1", "fd00::1", "fd00::2"), result.ips(IpPreference.IPV4));
    assertEquals(List.of("fd00::1", "fd00::2", "10.0.0.1"), result.ips(IpPreference.IPV6));
    assertEquals(List.of("fd00::1", "10.0.0.1", "fd00::2"), result.ips(IpPreference.CNI));
  }
}
