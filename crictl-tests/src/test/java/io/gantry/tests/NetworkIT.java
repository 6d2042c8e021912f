package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PortMapping;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pod's network, names and resolver. */
@Tag("root")
class NetworkIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String[] SERVER = {
    "sh", "-c", "while :; do echo greetings | nc -l -p 80; done"
  };

  @Test
  void podAddress_isReachableFromTheHost() {
    try (TestPod pod = TestPod.run(node)) {
      pod.run("server", SERVER);

      assertGreeted(pod.status().getNetwork().getIp(), 80);
    }
  }

  @Test
  void pods_reachEachOther() {
    try (TestPod server = TestPod.run(node);
        TestPod client = TestPod.run(node)) {
      server.run("server", SERVER);
      String address = server.status().getNetwork().getIp();
      assertGreeted(address, 80);

      assertEquals("greetings\n", client.output("client", config -> {}, "nc " + address + " 80"));
    }
  }

  @Test
  void loopback_isUp() {
    try (TestPod pod = TestPod.run(node)) {
      assertTrue(pod.output("lo", config -> {}, "ip addr show lo").contains("LOOPBACK,UP"));
      pod.output("ping", config -> {}, "ping -c 1 -W 5 127.0.0.1");
    }
  }

  @Test
  void hostPort_leadsToTheContainerUntilThePodIsStopped() throws IOException {
    int port = freePort();
    try (TestPod pod =
        TestPod.run(
            node,
            config ->
                config.addPortMappings(
                    PortMapping.newBuilder().setHostPort(port).setContainerPort(80)))) {
      pod.run("server", SERVER);
      assertGreeted("127.0.0.1", port);

      node.crictl().out("stopp", pod.id());

      assertEquals(0, Leftovers.of(node.directory()).count("iptables rules"));
    }
  }

  @Test
  void hostNetwork_sharesTheHostsInterfacesAndName() throws IOException {
    try (TestPod pod =
        TestPod.run(
            node,
            Configs.podSecurity(
                    security ->
                        security.setNamespaceOptions(
                            NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE)))
                .andThen(config -> config.clearHostname()))) {
      assertEquals("", pod.status().getNetwork().getIp());
      String container =
          pod.run(
              "host",
              Configs.security(
                      security ->
                          security.setNamespaceOptions(
                              NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE)))
                  .andThen(config -> config.addCommand("sleep").addArgs("1000")));

      assertEquals(namespace("self", "net"), namespace(pod.pid(container), "net"));
      assertEquals(
          Files.readString(Path.of("/proc/sys/kernel/hostname")),
          pod.execOutput(container, "hostname"));
    }
  }

  @Test
  void hostname_isThePodsInEveryContainer() {
    try (TestPod pod = TestPod.run(node)) {
      assertEquals("test-host\n", pod.output("name", config -> {}, "hostname"));
      assertEquals("test-host\n", pod.output("file", config -> {}, "cat /etc/hostname"));
      assertEquals("test-host\n", pod.output("variable", config -> {}, "echo $HOSTNAME"));
    }
  }

  @Test
  void dns_isWrittenToResolvConf() {
    try (TestPod pod =
        TestPod.run(
            node,
            config ->
                config.setDnsConfig(
                    DNSConfig.newBuilder()
                        .addServers("10.96.0.10")
                        .addSearches("svc.cluster.local")
                        .addSearches("cluster.local")
                        .addOptions("ndots:5")))) {
      assertEquals(
          "search svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
          pod.output("dns", config -> {}, "cat /etc/resolv.conf"));
    }
  }

  @Test
  void hosts_isGivenWhenTheCallerMountsNone() {
    try (TestPod pod = TestPod.run(node)) {
      assertTrue(pod.output("hosts", config -> {}, "cat /etc/hosts").contains("localhost"));
    }
  }

  @Test
  void containersOfAPod_shareOneNetworkThatIsNotTheHosts() throws IOException {
    try (TestPod pod = TestPod.run(node)) {
      String one = pod.run("one", "sleep", "1000");
      String two = pod.run("two", "sleep", "1000");

      assertEquals(namespace(pod.pid(one), "net"), namespace(pod.pid(two), "net"));
      assertNotEquals(namespace("self", "net"), namespace(pod.pid(one), "net"));
    }
  }

  private static void assertGreeted(String address, int port) {
    Eventually.holds(
        "a greeting from " + address + ":" + port,
        SOON,
        () -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1000);
            socket.setSoTimeout(2000);
            assertEquals(
                "greetings\n",
                new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
          }
        });
  }

  private static String namespace(Object process, String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + process + "/ns/" + kind)).toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
