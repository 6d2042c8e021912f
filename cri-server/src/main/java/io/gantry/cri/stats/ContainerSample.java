package io.gantry.cri.stats;

import io.gantry.cri.container.ContainerRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * A container as it was found at one moment.
 *
 * @param live absent if it does not run
 * @param layer what it has written, found some time before; absent if nobody has looked yet
 * @param cgroup its cgroup's path; empty if that is not known
 */
public record ContainerSample(
    ContainerRecord record,
    Instant at,
    Optional<Live> live,
    Optional<LayerUsage.Measured> layer,
    String cgroup) {}
