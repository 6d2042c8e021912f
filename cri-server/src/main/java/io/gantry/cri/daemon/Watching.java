package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.container.ContainerCgroups;
import io.gantry.cri.container.ContainerEvents;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.KernelsMemoryKills;
import io.gantry.cri.container.MemoryKills;
import io.gantry.cri.events.ContainerEventsHandler;
import io.gantry.cri.events.EventFeed;
import io.gantry.cri.events.LifeEvents;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.metrics.MetricsRpcs;
import io.gantry.cri.metrics.PodMetrics;
import io.gantry.cri.operation.Operations;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.stats.CpuRates;
import io.gantry.cri.stats.LayerUsage;
import io.gantry.cri.stats.PodSampler;
import io.gantry.cri.stats.Sampler;
import io.gantry.cri.stats.StatsRpcs;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Puts together what looks on: events, statistics, and the watch over requests that take long. */
final class Watching implements AutoCloseable {
  private final Pods pods;
  private final EventFeed feed;
  private final LifeEvents life;
  private final Linux linux;
  private final ContainerCgroups cgroups;
  private final CpuRates rates = new CpuRates();
  private final LayerUsage layers;
  private final Sampler sampler;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(threads("watch"));

  /** Reads cgroups: more threads would wait for the same processors. */
  private final ExecutorService readers = Executors.newFixedThreadPool(4, threads("stats"));

  /** Walks directories: more threads would wait for the same disk. */
  private final ExecutorService walker = Executors.newSingleThreadExecutor(threads("usage"));

  Watching(
      Config.Paths paths,
      Linux linux,
      Pods pods,
      ContainerCgroups cgroups,
      Snapshots snapshots,
      Operations operations,
      Clock clock)
      throws IOException {
    this.linux = linux;
    this.pods = pods;
    this.cgroups = cgroups;
    this.clock = clock;
    feed = EventFeed.open(paths.events(), clock);
    life = new LifeEvents(feed, pods, clock);
    layers =
        new LayerUsage(snapshots, paths.root().resolve("snapshots"), linux.files(), clock, walker);
    sampler = new Sampler(cgroups, layers, rates, readers, clock);
    timer.scheduleWithFixedDelay(operations::reportSlow, 1, 1, TimeUnit.SECONDS);
  }

  /** What tells why the kernel killed for want of memory. */
  MemoryKills memoryKills() {
    return new KernelsMemoryKills(linux.host(), cgroups, pods);
  }

  /** What is to be told of containers. */
  ContainerEvents ofContainers() {
    return (type, container) -> {
      life.happened(type, container);
      sampler.happened(type, container);
    };
  }

  /** Gives every RPC about what is going on its handler. */
  void register(RpcService runtime, Containers containers) throws IOException {
    life.of(containers);
    PodSampler podSampler = new PodSampler(pods, containers, sampler, cgroups, rates, linux, clock);
    pods.tell(
        (type, pod) -> {
          life.happened(type, pod);
          podSampler.happened(type, pod);
        });
    runtime.stream(
        RuntimeServiceGrpc.getGetContainerEventsMethod(), new ContainerEventsHandler(feed));
    new MetricsRpcs(pods, podSampler, new PodMetrics(linux, cgroups, layers.directory()))
        .register(runtime);
    StatsRpcs.register(runtime, pods, containers, sampler, podSampler, layers.directory());
  }

  /** Pods and containers are recovered: what nobody has told of yet is told now. */
  void begin() {
    life.catchUp();
  }

  /** Ends the streams that would last for ever, so that the daemon can stop. */
  void endStreams() {
    feed.close();
  }

  private static ThreadFactory threads(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    timer.shutdownNow();
    readers.shutdownNow();
    walker.shutdownNow();
    feed.close();
  }
}
