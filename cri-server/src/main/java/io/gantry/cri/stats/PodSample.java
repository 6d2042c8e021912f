package io.gantry.cri.stats;

import io.gantry.cri.pod.Pod;
import io.gantry.runtime.linux.Network.InterfaceCounters;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A pod as it was found at one moment.
 *
 * @param live absent if it is not ready
 * @param interfaces of its network namespace but the loopback; empty with the host's network
 * @param containers those that run
 */
public record PodSample(
    Pod pod,
    Instant at,
    Optional<Live> live,
    List<InterfaceCounters> interfaces,
    List<ContainerSample> containers) {
  public PodSample {
    interfaces = List.copyOf(interfaces);
    containers = List.copyOf(containers);
  }
}
