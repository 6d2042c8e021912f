package io.gantry.cri.cni;

import java.util.Optional;

/**
 * What there is to say of the pods' network.
 *
 * @param problem why no pod can be attached; empty if one can
 * @param configuration the configuration in force, for people; empty if there is none
 */
public record NetworkState(Optional<String> problem, Optional<String> configuration) {}
