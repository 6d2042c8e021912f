package io.gantry.cri.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.InetAddresses;
import io.gantry.cri.grpc.CriException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Subnets, options, rules and records, without a network. */
class NetworkValuesTest {
  private static Cidr cidr(String text) {
    return Cidr.parse(text, "subnet");
  }

  private static InetAddress ip(String text) {
    return InetAddresses.forString(text);
  }

  private static NamedNetwork network(String name, String subnet, boolean internal) {
    Cidr cidr = cidr(subnet);
    return new NamedNetwork(
        (name + "0".repeat(64)).substring(0, 64).replaceAll("[^0-9a-f]", "a"),
        name,
        List.of(new SubnetPlan(cidr, cidr.at(java.math.BigInteger.ONE), Optional.empty())),
        internal,
        false,
        Map.of("a", "b"),
        Map.of(),
        Instant.EPOCH,
        "br-" + name,
        NamedNetwork.Stage.RAISED);
  }

  @Test
  void subnets_overlapWhereOneHoldsTheOther() {
    assertTrue(cidr("10.1.0.0/16").overlaps(cidr("10.1.2.0/24")));
    assertTrue(cidr("10.1.2.0/24").overlaps(cidr("10.1.0.0/16")));
    assertFalse(cidr("10.1.2.0/24").overlaps(cidr("10.1.3.0/24")));
    assertFalse(cidr("10.1.2.0/24").overlaps(cidr("fd00::/8")));
    assertEquals("10.1.2.0/24", cidr("10.1.2.77/24").toString());
    assertEquals("fd00::/64", cidr("fd00::7/64").toString());
    for (String wrong : List.of("10.1.2.0", "10.1.2.0/33", "10.1/16", "/8", "a/8", "10.1.2.0/-1")) {
      assertThrows(CriException.class, () -> cidr(wrong), wrong);
    }
  }

  @Test
  void addresses_areGivenOutOfTheRange_butNeverTheGatewaysNorTheBroadcasts() {
    SubnetPlan small =
        new SubnetPlan(cidr("10.1.2.0/29"), ip("10.1.2.1"), Optional.of(cidr("10.1.2.4/30")));
    Set<InetAddress> taken = new HashSet<>();
    for (String expected : List.of("10.1.2.4", "10.1.2.5", "10.1.2.6")) {
      InetAddress free = small.free(taken).orElseThrow();
      assertEquals(ip(expected), free);
      taken.add(free);
    }
    assertTrue(small.free(taken).isEmpty(), "10.1.2.7 is the broadcast address");
    assertTrue(small.isUsable(ip("10.1.2.2")), "asked for, it may be outside of the range");
    assertFalse(small.isUsable(ip("10.1.2.1")));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SubnetPlan(cidr("10.1.2.0/29"), ip("10.9.9.9"), Optional.empty()));
  }

  @Test
  void options_areReadOrRefusedByName() {
    NetworkOptions options =
        NetworkOptions.of(
            Map.of(
                "com.docker.network.driver.mtu", "1400",
                "com.docker.network.bridge.enable_icc", "false"),
            false);
    assertEquals(Optional.of(1400), options.mtu());
    assertFalse(options.betweenPods());
    assertTrue(options.masquerade());
    CriException unknown =
        assertThrows(CriException.class, () -> NetworkOptions.of(Map.of("x.y", "1"), false));
    assertTrue(unknown.getMessage().contains("x.y"), unknown::getMessage);
    assertThrows(
        CriException.class,
        () -> NetworkOptions.of(Map.of("com.docker.network.driver.mtu", "1000"), true));
  }

  @Test
  void rules_keepNetworksApart_andInternalOnesIn() {
    String text =
        FirewallRules.named("gt-")
            .of(
                List.of(network("one", "10.1.2.0/24", false), network("in", "10.1.3.0/24", true)),
                true);
    List<String> rules = text.lines().toList();
    assertTrue(rules.contains("-A GT-FORWARD -i br-one ! -o br-one -j GT-ISOLATE"), text);
    assertTrue(rules.contains("-A GT-ISOLATE -o br-one -j DROP"), text);
    assertTrue(rules.contains("-A GT-ISOLATE -o br-in -j DROP"), text);
    assertTrue(rules.contains("-A GT-MASQUERADE -s 10.1.2.0/24 ! -o br-one -j MASQUERADE"), text);
    assertFalse(text.contains("10.1.3.0"), text);
    int drop = rules.indexOf("-A GT-FORWARD -i br-in ! -o br-in -j DROP");
    assertTrue(
        drop >= 0
            && drop
                < rules.indexOf("-A GT-FORWARD -o br-one -m conntrack --ctstate DNAT -j ACCEPT"),
        "nothing leaves an internal network, not even by a published port:\n" + text);
  }

  @Test
  void records_areReadAsTheyWereWritten() throws Exception {
    NamedNetwork network = network("one", "10.1.2.0/24", false);
    NetworkRecords networks = new NetworkRecords();
    assertEquals(network, networks.read(networks.write(network), 1));
    NetworkEndpoint endpoint =
        new NetworkEndpoint(
            "e",
            network.id(),
            "pod",
            Path.of("/pods/ns/net"),
            "eth1",
            List.of("web"),
            Map.of("db", "web"),
            List.of("192.0.2.1"),
            Optional.of(ip("10.1.2.3")),
            Optional.empty(),
            List.of(new HostPort(HostPort.Protocol.UDP, 53, 5353, Optional.of(ip("127.0.0.1")))),
            new PluginLists("gt-")
                .of(network, Optional.of(ip("10.1.2.3")), Optional.empty(), "", List.of()),
            PluginLists.capabilities(List.of()),
            new NetworkEndpoint.Stage.Making());
    EndpointRecords endpoints = new EndpointRecords();
    assertEquals(endpoint, endpoints.read(endpoints.write(endpoint), 1));
  }

  @Test
  void ports_collideWhereOneAddressIsMeantByBoth() {
    HostPort any = new HostPort(HostPort.Protocol.TCP, 80, 8080, Optional.of(ip("0.0.0.0")));
    HostPort loopback = new HostPort(HostPort.Protocol.TCP, 80, 8080, Optional.of(ip("127.0.0.1")));
    HostPort other = new HostPort(HostPort.Protocol.TCP, 80, 8080, Optional.of(ip("127.0.0.2")));
    assertTrue(any.collidesWith(loopback));
    assertFalse(loopback.collidesWith(other));
    assertFalse(any.collidesWith(new HostPort(HostPort.Protocol.UDP, 80, 8080, Optional.empty())));
  }

  @Test
  void interfaces_areCountedFromTheFirstFree() {
    assertEquals("eth0", Interfaces.free(List.of()));
    assertEquals("eth1", Interfaces.free(List.of("eth0", "eth2")));
  }
}
