package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.cri.config.IpPreference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a pod got from its network.
 *
 * @param ips addresses without prefix length, in the plugins' order
 * @param json the result as the plugins gave it
 */
public record CniResult(List<String> ips, JsonNode json) {
  public CniResult {
    ips = List.copyOf(ips);
  }

  /** Reads a result of any version: 0.2.0 and older know one address of each family and no list. */
  static CniResult of(JsonNode json) {
    List<String> ips = new ArrayList<>();
    json.path("ips").forEach(ip -> ips.add(address(ip.path("address").asText())));
    for (String family : List.of("ip4", "ip6")) {
      if (json.path(family).hasNonNull("ip")) {
        ips.add(address(json.path(family).path("ip").asText()));
      }
    }
    return new CniResult(ips, json);
  }

  /** The addresses, the preferred family first, else in their own order. */
  public List<String> ips(IpPreference preference) {
    return switch (preference) {
      case CNI -> ips;
      case IPV4 -> ips.stream().sorted(Comparator.comparing(CniResult::isIpv6)).toList();
      case IPV6 -> ips.stream().sorted(Comparator.comparing(ip -> !isIpv6(ip))).toList();
    };
  }

  private static boolean isIpv6(String ip) {
    return ip.contains(":");
  }

  private static String address(String cidr) {
    int slash = cidr.indexOf('/');
    return slash < 0 ? cidr : cidr.substring(0, slash);
  }
}
