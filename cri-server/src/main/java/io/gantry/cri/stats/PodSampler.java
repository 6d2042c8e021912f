package io.gantry.cri.stats;

import io.gantry.cri.container.ContainerCgroups;
import io.gantry.cri.container.Containers;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodEvents;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Network.InterfaceCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures pods: their processes, their network, their containers. Thread-safe. */
public final class PodSampler implements PodEvents {
  private static final Logger log = LoggerFactory.getLogger(PodSampler.class);
  private static final String LOOPBACK = "lo";

  private final Pods pods;
  private final Containers containers;
  private final Sampler sampler;
  private final ContainerCgroups cgroups;
  private final CpuRates rates;
  private final Linux linux;
  private final Clock clock;

  public PodSampler(
      Pods pods,
      Containers containers,
      Sampler sampler,
      ContainerCgroups cgroups,
      CpuRates rates,
      Linux linux,
      Clock clock) {
    this.pods = pods;
    this.containers = containers;
    this.sampler = sampler;
    this.cgroups = cgroups;
    this.rates = rates;
    this.linux = linux;
    this.clock = clock;
  }

  @Override
  public void happened(ContainerEventType type, Pod pod) {
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      rates.forget(pod.id());
    }
  }

  /** What a pod uses now. */
  public PodSample of(Pod pod) throws IOException, InterruptedException {
    return of(pod, sampler.running(containers.inPod(pod.id())));
  }

  /** All of some pods; those that cannot be measured are left out. */
  public List<PodSample> of(Collection<Pod> some) throws InterruptedException {
    // First all containers side by side, then the pods: work that waits for work of the same
    // threads could wait for ever.
    List<ContainerSample> all = sampler.running(containers.list());
    return sampler.all(
        some.stream()
            .<Callable<PodSample>>map(
                pod ->
                    () ->
                        of(
                            pod,
                            all.stream()
                                .filter(sample -> sample.record().podId().equals(pod.id()))
                                .toList()))
            .toList());
  }

  private PodSample of(Pod pod, List<ContainerSample> running) throws IOException {
    Instant now = clock.instant();
    if (!pod.isReady()) {
      return new PodSample(pod, now, Optional.empty(), List.of(), running);
    }
    return new PodSample(pod, now, live(pod, now, running), interfaces(pod), running);
  }

  /**
   * A kubelet gives each pod a cgroup, whose numbers are the pod's; where several pods share a
   * parent, its containers' sum is.
   */
  private Optional<Live> live(Pod pod, Instant now, List<ContainerSample> running)
      throws IOException {
    boolean shared =
        pod.config().getLinux().getCgroupParent().isEmpty()
            || pods.list().stream()
                .anyMatch(
                    other ->
                        !other.id().equals(pod.id())
                            && other.cgroupParent().equals(pod.cgroupParent()));
    if (!shared) {
      Optional<Live> own =
          sampler.live(pod.id(), pod.createdAt(), now, cgroups.at(pod.cgroupParent()));
      if (own.isPresent()) {
        return own;
      }
    }
    List<Live> parts = running.stream().flatMap(sample -> sample.live().stream()).toList();
    int processes = parts.stream().mapToInt(Live::processes).sum();
    return Optional.of(
        sampler.live(
            pod.id(),
            pod.createdAt(),
            now,
            CgroupSum.of(parts.stream().map(Live::stats).toList()),
            processes));
  }

  private List<InterfaceCounters> interfaces(Pod pod) {
    Optional<Path> namespace = pod.paths().networkNamespace();
    if (namespace.isEmpty()) {
      return List.of();
    }
    try (Fd opened = linux.namespaces().open(namespace.get().toString(), NamespaceKind.NETWORK)) {
      return linux.network().counters(opened).stream()
          .filter(counters -> !counters.name().equals(LOOPBACK))
          .toList();
    } catch (IOException e) {
      // It is being stopped, most likely; the rest counts all the same.
      log.atDebug().setCause(e).addKeyValue("pod", pod.id()).log("network not measured");
      return List.of();
    }
  }
}
