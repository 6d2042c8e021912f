package io.gantry.cri.status;

import java.util.Optional;

/**
 * What a runtime handler was found to be when gantryd started.
 *
 * @param name as in the configuration
 * @param shim the value of its key {@code shim}
 * @param problem why no container can run by it; empty if one can
 * @param features what is known about its features, in words
 * @param recursiveReadOnly whether its mounts can be read-only with all mounts below them
 * @param userNamespaces whether its pods can have user namespaces
 */
record HandlerReport(
    String name,
    String shim,
    Optional<String> problem,
    String features,
    boolean recursiveReadOnly,
    boolean userNamespaces) {}
