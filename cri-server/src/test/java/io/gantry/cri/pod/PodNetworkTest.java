package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxState;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.PortMapping;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import io.gantry.runtime.linux.Network;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a bridge of the test's own, by the real plugins bridge, host-local and portmap. */
@Tag("root")
@Timeout(60)
class PodNetworkTest {
  /** Of this run alone: the same tests may run beside it. */
  private static final long RUN = ProcessHandle.current().pid();

  private static final String BRIDGE = "gantry" + RUN;
  private static final String PREFIX = "10.213." + RUN % 256 + ".";
  private static final int HOST_PORT = 20000 + (int) (RUN % 10000);

  @TempDir private Path directory;
  private PodRig rig;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    for (String plugin : List.of("bridge", "host-local", "portmap")) {
      Assumptions.assumeTrue(
          Files.isExecutable(Path.of("/usr/lib/cni", plugin)), "needs CNI plugin " + plugin);
    }
    rig = new PodRig(directory);
    Files.writeString(
        directory.resolve("net.d/10-test.conflist"),
        """
        {"cniVersion":"1.0.0","name":"gantrytest","plugins":[
          {"type":"bridge","bridge":"%s","isGateway":true,
           "ipam":{"type":"host-local","dataDir":"%s",
                   "ranges":[[{"subnet":"%s0/24"}]],
                   "routes":[{"dst":"0.0.0.0/0"}]}},
          {"type":"portmap","capabilities":{"portMappings":true}}]}
        """
            .formatted(BRIDGE, directory.resolve("ipam"), PREFIX));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (rig == null) {
      return;
    }
    rig.close();
    assertEquals(List.of(), rig.mounts());
    assertEquals(List.of(), leases());
    run("ip", "link", "delete", BRIDGE);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    process.waitFor(10, TimeUnit.SECONDS);
    return output;
  }

  /** Addresses given out and not returned. */
  private List<String> leases() throws IOException {
    Path leases = directory.resolve("ipam/gantrytest");
    if (!Files.exists(leases)) {
      return List.of();
    }
    try (var files = Files.list(leases)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9.]+"))
          .toList();
    }
  }

  private static PodSandboxConfig.Builder pod(String name) {
    return PodRig.with(name, NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER));
  }

  private <T> T inside(String id, Callable<T> work) throws IOException {
    Path pin = rig.paths(id).networkNamespace().orElseThrow();
    try (Fd network = PodRig.LINUX.namespaces().open(pin.toString(), NamespaceKind.NETWORK)) {
      return PodRig.LINUX
          .namespaces()
          .visit(Set.of(new Namespaces.Visit(network, NamespaceKind.NETWORK)), work);
    }
  }

  @Test
  void pod_hasAnAddressThatAnswersAndItsNameInHosts() throws Exception {
    String id = rig.run(pod("web").setHostname("web-1"));
    String ip = rig.status(id).getNetwork().getIp();
    assertTrue(ip.startsWith(PREFIX), ip);
    ServerSocket server = inside(id, () -> new ServerSocket(8000));
    try (server;
        Socket client = new Socket()) {
      client.connect(new InetSocketAddress(ip, 8000), 5000);
      assertTrue(client.isConnected());
    }
    String hosts = Files.readString(rig.paths(id).hosts());
    assertTrue(hosts.endsWith(ip + "\tweb-1\n"), hosts);
    assertEquals("web-1\n", Files.readString(rig.paths(id).hostname()));
  }

  @Test
  void verboseStatus_hasThePluginsResultAndTheNamespace() throws Exception {
    String id = rig.run(pod("web"));
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build();
    JsonNode info =
        new ObjectMapper().readTree(rig.cri.podSandboxStatus(request).getInfoOrThrow("info"));
    String address = info.at("/cniResult/ips/0/address").asText();
    assertEquals(rig.status(id).getNetwork().getIp(), address.replaceFirst("/.*", ""));
    assertFalse(info.path("netNamespaceClosed").asBoolean(true));
    assertTrue(info.at("/namespaces/network").asText().endsWith("/ns/net"), info::toString);
  }

  @Test
  void loopback_isUp() throws Exception {
    String id = rig.run(pod("web"));
    ServerSocket server =
        inside(
            id,
            () -> {
              var socket = new ServerSocket();
              socket.bind(new InetSocketAddress("127.0.0.1", 8000));
              return socket;
            });
    try (server) {
      boolean connected =
          inside(
              id,
              () -> {
                try (Socket client = new Socket()) {
                  client.connect(new InetSocketAddress("127.0.0.1", 8000), 5000);
                  return client.isConnected();
                }
              });
      assertTrue(connected);
    }
  }

  @Test
  void hostname_isThatOfThePodsUtsNamespace() throws Exception {
    Path pin = rig.paths(rig.run(pod("web").setHostname("web-1"))).utsNamespace().orElseThrow();
    try (Fd uts = PodRig.LINUX.namespaces().open(pin.toString(), NamespaceKind.UTS)) {
      String name =
          PodRig.LINUX
              .namespaces()
              .visit(
                  Set.of(new Namespaces.Visit(uts, NamespaceKind.UTS)),
                  () -> PodRig.LINUX.host().hostName());
      assertEquals("web-1", name);
    }
    assertNotEquals("web-1", PodRig.LINUX.host().hostName());
  }

  @Test
  void anyUser_mayBindLowPortsAndPing() throws Exception {
    String id = rig.run(pod("web"));
    String path = "/proc/sys/net/ipv4/";
    assertEquals(
        "0",
        inside(id, () -> PodRig.LINUX.files().readText(path + "ip_unprivileged_port_start"))
            .strip());
    assertEquals(
        "0\t2147483647",
        inside(id, () -> PodRig.LINUX.files().readText(path + "ping_group_range")).strip());
  }

  @Test
  void askedSysctl_winsOverTheDefault() throws Exception {
    var pod = PodRig.withSysctl(pod("web"), "net.ipv4.ip_unprivileged_port_start", "512");
    String id = rig.run(pod);
    String path = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    assertEquals("512", inside(id, () -> PodRig.LINUX.files().readText(path)).strip());
  }

  @Test
  void hostPort_leadsToThePodUntilItStops() throws Exception {
    String id =
        rig.run(
            pod("web")
                .addPortMappings(
                    PortMapping.newBuilder().setHostPort(HOST_PORT).setContainerPort(8000)));
    assertTrue(run("iptables-save", "-t", "nat").contains("--dport " + HOST_PORT));
    rig.stop(id);
    assertFalse(run("iptables-save", "-t", "nat").contains("--dport " + HOST_PORT));
  }

  @Test
  void stop_givesTheAddressBack() throws Exception {
    String id = rig.run(pod("web"));
    assertEquals(1, leases().size());
    rig.stop(id);
    assertEquals(List.of(), leases());
    assertEquals("", rig.status(id).getNetwork().getIp());
  }

  @Test
  void nextDaemon_detachesWhatTheLastAttached() throws Exception {
    String id = rig.run(pod("web"));
    String ip = rig.status(id).getNetwork().getIp();
    rig.start();
    assertEquals(ip, rig.status(id).getNetwork().getIp());
    rig.stop(id);
    assertEquals(List.of(), leases());
  }

  @Test
  void podLostByAReboot_givesItsAddressBack() throws Exception {
    String id = rig.run(pod("web"));
    for (Path pin : PinnedNamespaces.pins(rig.pods.find(id).orElseThrow()).values()) {
      PodRig.LINUX.namespaces().unpin(pin.toString());
    }
    rig.start();
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(id).getState());
    assertEquals(List.of(), leases());
  }

  @Test
  void failedNetwork_leavesNothingOfThePod() throws Exception {
    Files.writeString(
        directory.resolve("net.d/10-test.conflist"),
        """
        {"cniVersion":"1.0.0","name":"gantrytest","plugins":[
          {"type":"bridge","bridge":"%s",
           "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"%s0/24"}]]}},
          {"type":"nowhere"}]}
        """
            .formatted(BRIDGE, directory.resolve("ipam"), PREFIX));
    var e = assertThrows(StatusRuntimeException.class, () -> rig.run(pod("web")));
    String words = e.getStatus().getDescription();
    assertTrue(words.startsWith("run pod test/web "), words);
    assertTrue(words.contains("network: CNI plugin nowhere is not in"), words);
    assertEquals(List.of(), leases());
  }

  @Test
  void withoutNetworkConfiguration_onlyHostNetworkPodsRun() throws Exception {
    Files.delete(directory.resolve("net.d/10-test.conflist"));
    var e = assertThrows(StatusRuntimeException.class, () -> rig.run(pod("web")));
    assertTrue(e.getStatus().getDescription().contains("no network configuration"));
    assertEquals(List.of(), rig.mounts());
    assertTrue(rig.status(rig.run(PodRig.hostPod("web"))).getNetwork().getIp().isEmpty());
  }

  @Test
  void podThatWantsNoNetwork_hasLoopbackAlone_withOrWithoutAConfiguration() throws Exception {
    Files.delete(directory.resolve("net.d/10-test.conflist"));
    String id = rig.run(pod("web").putAnnotations("gantry.io/network", "none"));
    assertEquals("", rig.status(id).getNetwork().getIp());
    String pin = rig.paths(id).networkNamespace().orElseThrow().toString();
    List<String> interfaces;
    try (Fd network = PodRig.LINUX.namespaces().open(pin, NamespaceKind.NETWORK)) {
      interfaces =
          PodRig.LINUX.network().counters(network).stream()
              .map(Network.InterfaceCounters::name)
              // What some kernels' tunnels put into each namespace.
              .filter(name -> !name.matches("(tunl|sit|gre|gretap|erspan|ip6tnl|ip6_vti|ip_vti)0"))
              .toList();
    }
    assertEquals(List.of("lo"), interfaces);
    rig.stop(id);
  }

  @Test
  void networkAnnotation_isRefusedWhereItCannotHold() {
    assertRefused(pod("a").putAnnotations("gantry.io/network", "some"), "\"some\" is not known");
    assertRefused(
        PodRig.hostPod("b").putAnnotations("gantry.io/network", "none"), "the host's network");
    assertRefused(
        pod("c")
            .putAnnotations("gantry.io/network", "none")
            .addPortMappings(PortMapping.newBuilder().setHostPort(80).setContainerPort(80)),
        "host ports");
  }

  private void assertRefused(PodSandboxConfig.Builder pod, String why) {
    var e = assertThrows(StatusRuntimeException.class, () -> rig.run(pod));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(e.getStatus().getDescription().contains(why), e.getStatus().getDescription());
  }
}
