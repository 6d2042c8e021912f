package io.gantry.cri.cni;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The environment of one plugin call.
 *
 * @param containerId the pod's id
 * @param namespace the pinned network namespace; "" for a DEL after it is gone
 * @param interfaceName the interface inside the pod
 * @param arguments CNI_ARGS, in order
 */
record Invocation(
    String containerId, String namespace, String interfaceName, Map<String, String> arguments) {
  Invocation {
    arguments = new LinkedHashMap<>(arguments);
  }

  /** CNI_ARGS as {@code K=V;K=V}. */
  String argumentText() {
    return String.join(
        ";",
        arguments.entrySet().stream().map(pair -> pair.getKey() + "=" + pair.getValue()).toList());
  }
}
