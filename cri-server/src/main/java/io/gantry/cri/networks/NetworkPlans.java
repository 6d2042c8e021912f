package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.v1.CreateNetworkRequest;
import io.gantry.proto.v1.Subnet;
import io.gantry.runtime.linux.Network;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns a request for a network into one that is still to be recorded, or says what is wrong. */
final class NetworkPlans {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
  private static final int MAX_INTERFACE_NAME = 15;
  private static final int LARGEST_PREFIX_IPV4 = 30;
  private static final int LARGEST_PREFIX_IPV6 = 126;

  private final FreeSubnets subnets;
  private final Network machine;
  private final NetworkTable table;
  private final String interfacePrefix;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  NetworkPlans(
      FreeSubnets subnets,
      Network machine,
      NetworkTable table,
      String interfacePrefix,
      Clock clock) {
    this.subnets = subnets;
    this.machine = machine;
    this.table = table;
    this.interfacePrefix = interfacePrefix;
    this.clock = clock;
  }

  /**
   * The network that was asked for. The caller holds the table's monitor.
   *
   * @throws CriException as the service's description says
   */
  NamedNetwork of(CreateNetworkRequest request) throws IOException {
    String name = request.getName();
    if (!NAME.matcher(name).matches()) {
      throw CriException.invalid(
          "network name \"%s\" is not valid: letters, digits, \"_\", \".\" and \"-\""
              .formatted(name));
    }
    if (!request.getDriver().isEmpty() && !request.getDriver().equals("bridge")) {
      throw new CriException(
          Failure.NOT_BUILT,
          "network driver \"%s\" is not known; there is bridge".formatted(request.getDriver()));
    }
    if (table.byName(name).isPresent()) {
      throw new CriException(
          Failure.ALREADY_EXISTS, "network with name %s already exists".formatted(name));
    }
    Map<String, String> options = request.getOptionsMap();
    NetworkOptions choices = NetworkOptions.of(options, request.getIpv6());
    String id = id();
    String bridge = choices.bridge().orElse(interfaceName(id));
    checkBridge(bridge);
    return new NamedNetwork(
        id,
        name,
        subnets(request),
        request.getInternal(),
        request.getIpv6(),
        request.getLabelsMap(),
        options,
        clock.instant(),
        bridge,
        NamedNetwork.Stage.PLANNED);
  }

  /** 64 hexadecimal digits that are no number, as tools take an all-digit id for one. */
  String id() {
    byte[] bytes = new byte[32];
    String id;
    do {
      random.nextBytes(bytes);
      id = HexFormat.of().formatHex(bytes);
    } while (id.substring(0, 12).chars().allMatch(Character::isDigit));
    return id;
  }

  private String interfaceName(String id) {
    return interfacePrefix + id.substring(0, MAX_INTERFACE_NAME - interfacePrefix.length());
  }

  private void checkBridge(String bridge) {
    Optional<NamedNetwork> owner =
        table.networks().stream().filter(network -> network.bridge().equals(bridge)).findFirst();
    if (owner.isPresent()) {
      throw CriException.invalid(
          "interface %s is the bridge of network %s".formatted(bridge, owner.get().name()));
    }
    if (machine.hasInterface(bridge)) {
      throw CriException.invalid(
          "interface %s is there already, and not gantry's".formatted(bridge));
    }
  }

  private List<SubnetPlan> subnets(CreateNetworkRequest request) throws IOException {
    List<SubnetPlan> plans = new ArrayList<>();
    for (Subnet asked : request.getSubnetsList()) {
      SubnetPlan plan = plan(asked);
      boolean second =
          plans.stream().anyMatch(other -> other.subnet().isIpv4() == plan.subnet().isIpv4());
      if (second) {
        throw CriException.invalid("a bridge network has one subnet of each family");
      }
      if (!plan.subnet().isIpv4() && !request.getIpv6()) {
        throw CriException.invalid(
            "subnet %s is of IPv6, which was not asked for".formatted(plan.subnet()));
      }
      subnets.check(plan.subnet());
      plans.add(plan);
    }
    if (plans.stream().noneMatch(plan -> plan.subnet().isIpv4())) {
      plans.add(0, free(subnets.ipv4()));
    }
    if (request.getIpv6() && plans.stream().allMatch(plan -> plan.subnet().isIpv4())) {
      plans.add(free(subnets.ipv6()));
    }
    return plans;
  }

  private static SubnetPlan free(Cidr subnet) {
    return new SubnetPlan(subnet, subnet.at(BigInteger.ONE), Optional.empty());
  }

  private SubnetPlan plan(Subnet asked) throws IOException {
    if (asked.getSubnet().isEmpty()) {
      if (!asked.getGateway().isEmpty() || !asked.getIpRange().isEmpty()) {
        throw CriException.invalid("a gateway or range of addresses needs the subnet it is in");
      }
      return free(subnets.ipv4());
    }
    Cidr subnet = Cidr.parse(asked.getSubnet(), "subnet");
    int largest = subnet.isIpv4() ? LARGEST_PREFIX_IPV4 : LARGEST_PREFIX_IPV6;
    if (subnet.bits() < 1 || subnet.bits() > largest) {
      throw CriException.invalid(
          "subnet %s has no room for a gateway and a pod, or too much: /1 to /%d"
              .formatted(subnet, largest));
    }
    InetAddress gateway =
        asked.getGateway().isEmpty() ? subnet.at(BigInteger.ONE) : gateway(asked.getGateway());
    if (subnet.isOfAll(gateway)) {
      throw CriException.invalid(
          "gateway %s is an address of all in subnet %s".formatted(asked.getGateway(), subnet));
    }
    Optional<Cidr> range =
        asked.getIpRange().isEmpty()
            ? Optional.empty()
            : Optional.of(Cidr.parse(asked.getIpRange(), "range of addresses"));
    return new SubnetPlan(subnet, gateway, range);
  }

  private static InetAddress gateway(String text) {
    if (!InetAddresses.isInetAddress(text)) {
      throw CriException.invalid("gateway \"%s\" is no IP address".formatted(text));
    }
    return InetAddresses.forString(text);
  }

  /** The network that is there without being asked for. */
  NamedNetwork ofDefault() throws IOException {
    return new NamedNetwork(
        id(),
        NamedNetworks.DEFAULT,
        List.of(free(subnets.ipv4())),
        false,
        false,
        Map.of(),
        Map.of(),
        clock.instant(),
        interfacePrefix + "0",
        NamedNetwork.Stage.PLANNED);
  }
}
