package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ListIterator;
import java.util.Optional;

/** Runs a network's plugins one after another (CNI specification, section 3). Immutable. */
final class NetworkChain {
  private final NetworkConfig network;
  private final JsonNode capabilityArguments;
  private final PluginRunner plugins;

  /**
   * @param capabilityArguments what the runtime offers, by capability; each plugin gets what it
   *     declares
   */
  NetworkChain(NetworkConfig network, JsonNode capabilityArguments, PluginRunner plugins) {
    this.network = network;
    this.capabilityArguments = capabilityArguments;
    this.plugins = plugins;
  }

  /**
   * Looks for all plugins. An ADD that finds the last one missing could not be undone, for the DEL
   * would not find it either.
   *
   * @throws CniException naming one that is not installed
   */
  void checkInstalled() throws CniException {
    for (ObjectNode plugin : network.plugins()) {
      plugins.find(plugin.path("type").asText());
    }
  }

  /** Runs the plugins in order, each with the result of the one before; the last one's result. */
  JsonNode add(Invocation invocation) throws CniException, InterruptedException {
    Optional<JsonNode> result = Optional.empty();
    for (ObjectNode plugin : network.plugins()) {
      result = Optional.of(run(CniCommand.ADD, invocation, plugin, result));
    }
    return result.orElseThrow();
  }

  /**
   * Runs the plugins in reverse order. Where one fails the others still run, so that as little as
   * possible is left; then the first failure is thrown.
   *
   * @param result the ADD's, if it came to an end
   */
  void delete(Invocation invocation, Optional<JsonNode> result)
      throws CniException, InterruptedException {
    boolean takesResult = network.version().isAtLeast(SpecVersion.V0_4_0);
    Optional<JsonNode> previous = takesResult ? result : Optional.empty();
    CniException failure = null;
    ListIterator<ObjectNode> backwards = network.plugins().listIterator(network.plugins().size());
    while (backwards.hasPrevious()) {
      try {
        run(CniCommand.DEL, invocation, backwards.previous(), previous);
      } catch (CniException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Asks each plugin whether it could do an ADD; all can, or one throws. Needs version 1.1.0. */
  void status() throws CniException, InterruptedException {
    var nobody = new Invocation("", "", "", java.util.Map.of());
    for (ObjectNode plugin : network.plugins()) {
      run(CniCommand.STATUS, nobody, plugin, Optional.empty());
    }
  }

  private JsonNode run(
      CniCommand command, Invocation invocation, ObjectNode plugin, Optional<JsonNode> previous)
      throws CniException, InterruptedException {
    ObjectNode request = plugin.deepCopy();
    JsonNode declared = plugin.path("capabilities");
    request.remove("capabilities");
    request.put("cniVersion", network.version().text());
    request.put("name", network.name());
    if (command != CniCommand.STATUS) {
      ObjectNode runtimeConfig = request.objectNode();
      capabilityArguments
          .properties()
          .forEach(
              argument -> {
                if (declared.path(argument.getKey()).asBoolean()) {
                  runtimeConfig.set(argument.getKey(), argument.getValue());
                }
              });
      if (!runtimeConfig.isEmpty()) {
        request.set("runtimeConfig", runtimeConfig);
      }
    }
    previous.ifPresent(result -> request.set("prevResult", result));
    return plugins.run(command, invocation, plugin.path("type").asText(), request);
  }
}
