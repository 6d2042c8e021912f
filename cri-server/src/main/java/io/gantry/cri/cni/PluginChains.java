package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.cri.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Runs plugins for networks that the caller describes, and remembers nothing: the caller must, with
 * the description, or what an ADD did cannot be undone. Thread-safe.
 */
public final class PluginChains {
  private final PluginRunner plugins;

  public PluginChains(Config.Cni config) {
    this.plugins = new PluginRunner(config.binDirs(), config.timeout());
  }

  /**
   * Where a network leads.
   *
   * @param podId the pod's id
   * @param namespace its pinned network namespace; it may be gone for a {@link #delete}
   * @param interfaceName the interface inside the pod
   */
  public record Target(String podId, Path namespace, String interfaceName) {
    private Invocation invocation() {
      String there = Files.exists(namespace) ? namespace.toString() : "";
      return new Invocation(podId, there, interfaceName, Map.of("IgnoreUnknown", "1"));
    }
  }

  /**
   * Connects a pod.
   *
   * @param network a list of plugins as in a .conflist
   * @param capabilities what is offered to plugins that declare the capability
   * @throws CniException if a plugin is missing or fails; {@link #delete} takes back what was done
   */
  public CniResult add(JsonNode network, Target target, JsonNode capabilities)
      throws CniException, InterruptedException {
    NetworkChain chain = chain(network, capabilities);
    chain.checkInstalled();
    return CniResult.of(chain.add(target.invocation()));
  }

  /**
   * Takes back an {@link #add} with the same arguments, also one that failed, or was taken back.
   *
   * @param result the ADD's, if it came to an end
   * @throws CniException if a plugin fails; all others have run
   */
  public void delete(
      JsonNode network, Target target, JsonNode capabilities, Optional<JsonNode> result)
      throws CniException, InterruptedException {
    chain(network, capabilities).delete(target.invocation(), result);
  }

  private NetworkChain chain(JsonNode network, JsonNode capabilities) throws CniException {
    return new NetworkChain(NetworkConfig.ofList(network), capabilities, plugins);
  }
}
