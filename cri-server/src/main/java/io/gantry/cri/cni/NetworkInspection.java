package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.config.Config;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The network that pods would get, looked at without touching anything.
 *
 * @param network the network's name
 * @param plugins types of the plugins that are installed
 * @param missing types of those that are not: each one named in the network, and its IPAM's
 */
public record NetworkInspection(String network, List<String> plugins, List<String> missing) {
  public NetworkInspection {
    plugins = List.copyOf(plugins);
    missing = List.copyOf(missing);
  }

  /**
   * Reads the configuration and looks for its plugins.
   *
   * @throws CniException if there is no valid network configuration, saying why
   */
  public static NetworkInspection of(Config.Cni config) throws CniException {
    NetworkConfig network = new ConfigDirectory(config.confDir()).network();
    PluginRunner runner = new PluginRunner(config.binDirs(), config.timeout());
    Set<String> types = new LinkedHashSet<>();
    for (ObjectNode plugin : network.plugins()) {
      types.add(plugin.path("type").asText());
      String ipam = plugin.path("ipam").path("type").asText();
      if (!ipam.isEmpty()) {
        types.add(ipam);
      }
    }
    List<String> installed = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    types.forEach(type -> (runner.has(type) ? installed : missing).add(type));
    return new NetworkInspection(network.name(), installed, missing);
  }
}
