package io.gantry.cri.stats;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerCgroups;
import io.gantry.cri.container.ContainerEvents;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.proto.cri.v1.ContainerEventType;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures containers by their cgroups. No shim is asked and no container's files are touched, so
 * that nothing a container does holds up the others' numbers. Thread-safe.
 */
public final class Sampler implements ContainerEvents {
  private static final Logger log = LoggerFactory.getLogger(Sampler.class);

  /** For all of a list; reading one takes less than a millisecond. */
  private static final int PATIENCE_SECONDS = 5;

  private final ContainerCgroups cgroups;
  private final LayerUsage layers;
  private final CpuRates rates;
  private final ExecutorService executor;
  private final Clock clock;

  public Sampler(
      ContainerCgroups cgroups,
      LayerUsage layers,
      CpuRates rates,
      ExecutorService executor,
      Clock clock) {
    this.cgroups = cgroups;
    this.layers = layers;
    this.rates = rates;
    this.executor = executor;
    this.clock = clock;
  }

  @Override
  public void happened(ContainerEventType type, ContainerRecord container) {
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      rates.forget(container.id());
      layers.forget(container.snapshotKey());
      cgroups.forget(container.id());
    } else {
      layers.refresh(container.snapshotKey());
    }
  }

  /** What a container uses now; one that does not run uses its disk only. */
  public ContainerSample of(Container container) throws IOException {
    ContainerRecord record = container.record();
    Optional<Cgroup> cgroup = cgroups.of(record.id());
    Instant now = clock.instant();
    Optional<Live> live = Optional.empty();
    if (cgroup.isPresent() && record.state() instanceof State.Running running) {
      live = live(record.id(), running.startedAt(), now, cgroup.get());
    }
    return new ContainerSample(
        record, now, live, layers.of(record.snapshotKey()), cgroup.map(Cgroup::path).orElse(""));
  }

  /**
   * What a cgroup's processes use; empty if it is gone.
   *
   * @param id of the container or pod, for its rate
   */
  Optional<Live> live(String id, Instant since, Instant now, Cgroup cgroup) throws IOException {
    CgroupStats stats = cgroup.stats();
    if (stats.cpu().isEmpty() || !cgroup.exists()) {
      return Optional.empty();
    }
    return Optional.of(live(id, since, now, stats, cgroup.pids().size()));
  }

  Live live(String id, Instant since, Instant now, CgroupStats stats, int processes) {
    long nanos = stats.cpu().map(CgroupStats.Cpu::usageNanos).orElse(0L);
    return new Live(stats, processes, rates.nanoCores(id, since, now, nanos));
  }

  /** All that run of some containers, side by side; those that end meanwhile are left out. */
  public List<ContainerSample> running(Collection<Container> containers)
      throws InterruptedException {
    return all(
        containers.stream()
            .filter(container -> container.state() instanceof State.Running)
            .<Callable<ContainerSample>>map(container -> () -> of(container))
            .toList());
  }

  /** Measures side by side; what fails or does not end in time is left out. */
  <T> List<T> all(List<Callable<T>> work) throws InterruptedException {
    List<T> done = new ArrayList<>();
    for (Future<T> one : executor.invokeAll(work, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      if (!one.isCancelled()) {
        try {
          done.add(one.get());
        } catch (ExecutionException e) {
          log.atDebug().setCause(e).log("not measured");
        }
      }
    }
    return done;
  }
}
