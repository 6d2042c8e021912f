package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;

/**
 * A pod that wants a network.
 *
 * @param podId the pod's id
 * @param namespace its pinned network namespace
 * @param arguments CNI_ARGS, in order
 * @param capabilities what is offered to plugins that declare the capability: {@link Capabilities}
 */
public record AttachRequest(
    String podId, Path namespace, Map<String, String> arguments, JsonNode capabilities) {}
