package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.container.ContainerEvents;
import io.gantry.cri.container.Containers;
import io.gantry.cri.events.ContainerEventsHandler;
import io.gantry.cri.events.EventFeed;
import io.gantry.cri.events.LifeEvents;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.operation.Operations;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.stats.ContainerStatsHandler;
import io.gantry.cri.stats.ContainerUsage;
import io.gantry.cri.stats.ListContainerStatsHandler;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Puts together what looks on: events, statistics, and the watch over requests that take long. */
final class Watching implements AutoCloseable {
  private final Pods pods;
  private final EventFeed feed;
  private final LifeEvents life;
  private final ContainerUsage usage;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "watch");
            thread.setDaemon(true);
            return thread;
          });

  Watching(Config.Paths paths, Pods pods, Snapshots snapshots, Operations operations, Clock clock)
      throws IOException {
    this.pods = pods;
    feed = EventFeed.open(paths.events(), clock);
    life = new LifeEvents(feed, pods, clock);
    usage = new ContainerUsage(snapshots, paths.root().resolve("snapshots"), clock);
    timer.scheduleWithFixedDelay(operations::reportSlow, 1, 1, TimeUnit.SECONDS);
  }

  /** What is to be told of containers. */
  ContainerEvents ofContainers() {
    return (type, container) -> {
      usage.happened(type, container);
      life.happened(type, container);
    };
  }

  /** Gives every RPC about what is going on its handler. */
  void register(RpcService runtime, Containers containers) {
    life.of(containers);
    runtime.stream(
            RuntimeServiceGrpc.getGetContainerEventsMethod(), new ContainerEventsHandler(feed))
        .handle(
            RuntimeServiceGrpc.getContainerStatsMethod(),
            new ContainerStatsHandler(containers, usage))
        .handle(
            RuntimeServiceGrpc.getListContainerStatsMethod(),
            new ListContainerStatsHandler(containers, usage));
  }

  /** Pods and containers are recovered: what nobody has told of yet is told now. */
  void begin() {
    pods.tell(life);
    life.catchUp();
  }

  /** Ends the streams that would last for ever, so that the daemon can stop. */
  void endStreams() {
    feed.close();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    feed.close();
  }
}
