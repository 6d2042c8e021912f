package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.v1.ConnectRequest;
import io.gantry.proto.v1.CreateNetworkRequest;
import io.gantry.proto.v1.DisconnectRequest;
import io.gantry.proto.v1.Endpoint;
import io.gantry.proto.v1.InspectNetworkRequest;
import io.gantry.proto.v1.ListNetworksRequest;
import io.gantry.proto.v1.Network;
import io.gantry.proto.v1.PublishedPort;
import io.gantry.proto.v1.RemoveNetworkRequest;
import io.gantry.proto.v1.Subnet;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Networks that have names: who finds and reaches whom in them, and that nothing of them stays. */
@Tag("root")
class NetworksIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int PORT = 8000;

  @RegisterExtension static final TestNode NODE = TestNode.withBusybox();

  @BeforeAll
  static void needsGantryAndIptables() {
    Assumptions.assumeTrue(TestNode.isGantry(), "an extension of gantry's");
  }

  @AfterEach
  void nothingIsLeft() {
    NODE.removeAllPods();
    for (Network network :
        NODE.cri().networks().list(ListNetworksRequest.getDefaultInstance()).getNetworksList()) {
      if (!network.getName().equals("bridge")) {
        remove(network.getName());
      }
    }
    assertEquals(List.of(), rules(), "rules of networks");
    assertEquals(List.of(), interfaces(), "bridges");
    assertEquals(List.of(), records());
  }

  private static List<String> rules() {
    String chains = NODE.directory().interfacePrefix().replaceAll("-$", "").toUpperCase();
    return Command.of("iptables-save")
        .run()
        .orFail()
        .stdout()
        .lines()
        .filter(
            line ->
                line.contains(chains + "-") || line.contains(NODE.directory().interfacePrefix()))
        .toList();
  }

  private static List<String> interfaces() {
    try (var all = Files.list(Path.of("/sys/class/net"))) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(NODE.directory().interfacePrefix()))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A pod's place in a network is recorded and has an interface, or neither. */
  private static long endpointRecords() {
    return records().stream().filter(path -> path.contains("/endpoints/")).count();
  }

  private static long connectedInterfaces() {
    long connected = 0;
    for (String bridge : interfaces()) {
      try (var ports = Files.list(Path.of("/sys/class/net", bridge, "brif"))) {
        connected += ports.count();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return connected;
  }

  private static List<String> records() {
    try (var all = Files.walk(NODE.directory().root().resolve("networks"))) {
      return all.filter(Files::isRegularFile).map(Path::toString).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Network create(String name, Consumer<CreateNetworkRequest.Builder> finish) {
    var request = CreateNetworkRequest.newBuilder().setName(name);
    finish.accept(request);
    return NODE.cri().networks().create(request.build());
  }

  private static Network create(String name) {
    return create(name, request -> {});
  }

  private static void remove(String name) {
    NODE.cri().networks().remove(RemoveNetworkRequest.newBuilder().setNetwork(name).build());
  }

  private static Endpoint connect(
      TestPod pod, String network, Consumer<ConnectRequest.Builder> finish) {
    var request = ConnectRequest.newBuilder().setNetwork(network).setPodSandboxId(pod.id());
    finish.accept(request);
    return NODE.cri().networks().connect(request.build());
  }

  private static Endpoint connect(TestPod pod, String network, String... names) {
    return connect(pod, network, request -> request.addAllNames(List.of(names)));
  }

  private static void disconnect(TestPod pod, String network) {
    NODE.cri()
        .networks()
        .disconnect(
            DisconnectRequest.newBuilder().setNetwork(network).setPodSandboxId(pod.id()).build());
  }

  private static TestPod pod() {
    return TestPod.run(
        NODE,
        pod ->
            pod.putAnnotations("gantry.io/network", "none")
                .setDnsConfig(
                    DNSConfig.newBuilder().addServers("127.0.0.11").addOptions("timeout:2")));
  }

  /** Runs a server that tells its own name. */
  private static String serve(TestPod pod, String name) {
    return pod.run(
        name,
        "sh",
        "-c",
        "mkdir -p /tmp/www && echo "
            + name
            + " > /tmp/www/name && exec httpd -f -p "
            + PORT
            + " -h /tmp/www");
  }

  private static String shell(TestPod pod) {
    return pod.run("shell", "sleep", "1000");
  }

  /** What a server answers to a pod, once it does. */
  private static void assertAnswers(TestPod pod, String shell, String host, String answer) {
    Eventually.holds(
        host + " answers",
        SOON,
        () -> assertEquals(answer, fetch(pod, shell, resolve(pod, shell, host), PORT)));
  }

  private static void assertUnreachable(TestPod pod, String shell, String address) {
    assertEquals("", fetch(pod, shell, address, PORT), address + " must not be reached");
  }

  /**
   * The C library of the image cannot look names up for wget, being static; nslookup does so
   * itself.
   */
  private static String resolve(TestPod pod, String shell, String host) {
    if (host.matches("[0-9.]+")) {
      return host;
    }
    String told = pod.execOutput(shell, "nslookup", host);
    return told.lines()
        .dropWhile(line -> !line.startsWith("Name:"))
        .filter(line -> line.startsWith("Address"))
        .map(line -> line.replaceFirst(".*:\\s*", ""))
        .findFirst()
        .orElseThrow(() -> new AssertionError(host + ": " + told));
  }

  /** The body of an answer; "" if there is none. */
  private static String fetch(TestPod pod, String shell, String address, int port) {
    String request = "printf 'GET /name HTTP/1.0\\r\\n\\r\\n' | nc -w 3 " + address + " " + port;
    String answer = pod.exec(shell, "sh", "-c", request).getStdout().toStringUtf8();
    int body = answer.indexOf("\r\n\r\n");
    return body < 0 ? "" : answer.substring(body + 4).strip();
  }

  private static String address(Endpoint endpoint) {
    return endpoint.getIpv4Address().replaceFirst("/.*", "");
  }

  private static Status refused(Executable call) {
    return assertThrows(StatusRuntimeException.class, call).getStatus();
  }

  /** What a server answers to the machine. */
  private static String get(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 5000);
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write("GET /name HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
    }
  }

  @Test
  void podsOfANetwork_findEachOtherByEveryName_andByAddress() {
    create("inner");
    try (TestPod web = pod();
        TestPod client = pod()) {
      Endpoint endpoint = connect(web, "inner", "web", "Frontend");
      connect(
          client,
          "inner",
          request ->
              request.addNames("client").putOwnNames("db", "web").putOwnNames("far", "10.9.8.7"));
      assertEquals("eth0", endpoint.getInterfaceName());
      assertEquals("127.0.0.11", endpoint.getDnsServer());
      serve(web, "www");
      String shell = shell(client);
      for (String name : List.of("web", "frontend", "WEB", "web.inner", "db", address(endpoint))) {
        assertAnswers(client, shell, name, "www");
      }
      assertEquals(address(endpoint), web.status().getNetwork().getIp());
      String reverse = client.execOutput(shell, "nslookup", address(endpoint));
      assertTrue(reverse.contains("web.inner"), reverse);
      String own = client.execOutput(shell, "nslookup", "far");
      assertTrue(own.contains("10.9.8.7"), own);
    }
  }

  @Test
  void podsOfDifferentNetworks_neitherFindNorReachEachOther_untilConnected() {
    create("one");
    create("two");
    try (TestPod web = pod();
        TestPod client = pod()) {
      Endpoint endpoint = connect(web, "one", "web");
      connect(client, "two", "client");
      serve(web, "www");
      String shell = shell(client);
      assertUnreachable(client, shell, address(endpoint));

      Endpoint second = connect(client, "one", "client");
      assertEquals("eth1", second.getInterfaceName());
      assertAnswers(client, shell, "web", "www");

      disconnect(client, "one");
      disconnect(client, "one");
      assertUnreachable(client, shell, address(endpoint));
    }
  }

  @Test
  void publishedPort_leadsToThePod_fromLoopbackAndOtherNetworks_andIsTakenForOthers()
      throws Exception {
    create("shop");
    create("street");
    try (TestPod web = pod();
        TestPod other = pod()) {
      Endpoint endpoint =
          connect(
              web,
              "shop",
              request ->
                  request
                      .addNames("web")
                      .addPorts(PublishedPort.newBuilder().setContainerPort(PORT))
                      .addPorts(
                          PublishedPort.newBuilder().setProtocol("udp").setContainerPort(53)));
      int port = endpoint.getPorts(0).getHostPort();
      assertTrue(port > 0 && endpoint.getPorts(1).getHostPort() > 0, endpoint::toString);
      serve(web, "www");
      Eventually.holds("the port answers", SOON, () -> assertEquals("www", get("127.0.0.1", port)));

      Endpoint client = connect(other, "street", "client");
      String shell = shell(other);
      assertEquals("www", fetch(other, shell, client.getIpv4Gateway(), port));

      Status taken =
          refused(
              () ->
                  connect(
                      other,
                      "shop",
                      request ->
                          request.addPorts(
                              PublishedPort.newBuilder().setContainerPort(1).setHostPort(port))));
      assertEquals(Status.Code.FAILED_PRECONDITION, taken.getCode());
      assertTrue(taken.getDescription().contains("port is already allocated"), taken::toString);
      assertTrue(taken.getDescription().contains(web.id()), taken::toString);
      assertThrows(IOException.class, () -> new ServerSocket(port).close());
    }
  }

  @Test
  void portOfAProcess_isRefused() throws Exception {
    create("shop");
    try (TestPod web = pod();
        ServerSocket busy = new ServerSocket(0)) {
      Status taken =
          refused(
              () ->
                  connect(
                      web,
                      "shop",
                      request ->
                          request.addPorts(
                              PublishedPort.newBuilder()
                                  .setContainerPort(1)
                                  .setHostPort(busy.getLocalPort()))));
      assertEquals(Status.Code.FAILED_PRECONDITION, taken.getCode());
      assertTrue(taken.getDescription().contains("a process of this machine"), taken::toString);
    }
  }

  @Test
  void internalNetwork_hasNoWayOut() {
    create("vault", request -> request.setInternal(true));
    create("street");
    try (TestPod safe = pod();
        TestPod web = pod()) {
      connect(safe, "vault", "safe");
      Endpoint endpoint = connect(web, "street", "web");
      serve(web, "www");
      String shell = shell(safe);
      String routes = safe.execOutput(shell, "ip", "route");
      assertFalse(routes.contains("default"), routes);
      assertUnreachable(safe, shell, address(endpoint));
      assertNotEquals(0, safe.exec(shell, "nslookup", "example.test").getExitCode());
      String street = web.execOutput(shell(web), "ip", "route");
      assertTrue(street.contains("default via " + endpoint.getIpv4Gateway()), street);
    }
  }

  @Test
  void wantedAddressAndMac_areGiven_orRefused() {
    String subnet = NODE.directory().networkPool().replaceFirst("0/20", "0/24");
    create("plan", request -> request.addSubnets(Subnet.newBuilder().setSubnet(subnet)));
    String wanted = subnet.replaceFirst("0/24", "77");
    try (TestPod pod = pod();
        TestPod other = pod()) {
      Endpoint endpoint =
          connect(
              pod,
              "plan",
              request -> request.setIpv4Address(wanted).setMacAddress("02:42:0a:00:00:4d"));
      assertEquals(wanted, address(endpoint));
      assertEquals("02:42:0a:00:00:4d", endpoint.getMacAddress());
      assertEquals(
          Status.Code.FAILED_PRECONDITION,
          refused(() -> connect(other, "plan", request -> request.setIpv4Address(wanted)))
              .getCode());
      assertEquals(
          Status.Code.INVALID_ARGUMENT,
          refused(() -> connect(other, "plan", request -> request.setIpv4Address("203.0.113.9")))
              .getCode());
      assertEquals(
          Status.Code.INVALID_ARGUMENT,
          refused(() -> create("same", r -> r.addSubnets(Subnet.newBuilder().setSubnet(subnet))))
              .getCode());
      assertEquals(Status.Code.ALREADY_EXISTS, refused(() -> create("plan")).getCode());
      assertEquals(Status.Code.FAILED_PRECONDITION, refused(() -> remove("plan")).getCode());
      assertEquals(Status.Code.NOT_FOUND, refused(() -> remove("nowhere")).getCode());
    }
  }

  @Test
  void podThatFollowsAnotherAtItsAddress_hasItsMacAsWell_soThatNeighboursReachIt() {
    create("street");
    Endpoint first;
    try (TestPod pod = pod()) {
      first = connect(pod, "street");
    }
    try (TestPod pod = pod();
        TestPod other = pod()) {
      Endpoint next = connect(pod, "street", request -> request.setIpv4Address(address(first)));
      assertEquals(first.getMacAddress(), next.getMacAddress());
      assertNotEquals(first.getMacAddress(), connect(other, "street").getMacAddress());
    }
  }

  @Test
  void nextDaemon_answersNames_andHoldsPorts() throws Exception {
    create("inner");
    try (TestPod web = pod();
        TestPod client = pod()) {
      Endpoint endpoint =
          connect(
              web,
              "inner",
              request ->
                  request
                      .addNames("web")
                      .addPorts(PublishedPort.newBuilder().setContainerPort(PORT)));
      connect(client, "inner", "client");
      serve(web, "www");
      String shell = shell(client);
      assertAnswers(client, shell, "web", "www");
      NODE.runtime().kill();
      assertEquals("www", get("127.0.0.1", endpoint.getPorts(0).getHostPort()));
      NODE.startAgain();
      assertAnswers(client, shell, "web", "www");
      assertThrows(
          IOException.class, () -> new ServerSocket(endpoint.getPorts(0).getHostPort()).close());
      Network network =
          NODE.cri()
              .networks()
              .inspect(InspectNetworkRequest.newBuilder().setNetwork("inner").build());
      assertEquals(2, network.getEndpointsCount());
    }
  }

  /** The next daemon finds what this one was at, wherever it died. */
  @Test
  void killAtAnyPoint_leavesNothing() throws Exception {
    FaultOrders faults = FaultOrders.to(NODE.directory());
    List<String> points = faults.pointsOf(NetworksIT::life);
    points = points.stream().filter(NetworksIT::isOfNetworks).toList();
    assertTrue(points.size() > 10, points::toString);
    for (String point : points) {
      faults.killAt(point);
      assertThrows(StatusRuntimeException.class, NetworksIT::life, point);
      Eventually.holds(
          "the daemon is dead", SOON, () -> assertFalse(NODE.runtime().process().isAlive()));
      faults.none();
      NODE.startAgain();
      try {
        assertEquals(endpointRecords(), connectedInterfaces(), "places in networks");
        nothingIsLeft();
      } catch (AssertionError left) {
        throw new AssertionError("killed at " + point + ": " + left.getMessage(), left);
      }
    }
  }

  private static boolean isOfNetworks(String point) {
    boolean ours = point.startsWith("network") || point.startsWith("endpoint");
    // Before a record is written all is as after the step before.
    return ours && !point.contains(" to be ");
  }

  private static void life() {
    create("short");
    TestPod pod = pod(); // Not closed by try: without a daemon that would only wait.
    connect(
        pod, "short", request -> request.addPorts(PublishedPort.newBuilder().setContainerPort(1)));
    disconnect(pod, "short");
    remove("short");
    pod.close();
  }
}
