package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A pod's attachment to a network, as it must be remembered to be undone: a DEL needs the
 * configuration of its ADD, also when the file has changed since.
 *
 * @param invocation the ADD's
 * @param network the configuration of the ADD
 * @param capabilities what was offered to the plugins
 * @param result the ADD's; empty while it runs and after it failed
 */
record Attachment(
    Invocation invocation,
    NetworkConfig network,
    JsonNode capabilities,
    Optional<JsonNode> result) {

  /**
   * The ADD's parameters; DEL's are the same but for a namespace that is gone (after a reboot),
   * which is "".
   */
  Invocation forDelete() {
    boolean there = Files.exists(Path.of(invocation.namespace()));
    return new Invocation(
        invocation.containerId(),
        there ? invocation.namespace() : "",
        invocation.interfaceName(),
        invocation.arguments());
  }
}
