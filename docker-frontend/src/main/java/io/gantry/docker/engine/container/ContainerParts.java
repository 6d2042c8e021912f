package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.event.Events;
import io.gantry.docker.engine.network.Members;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.ListLayersRequest;
import io.grpc.StatusRuntimeException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Puts together what containers are made of. */
public final class ContainerParts implements AutoCloseable {
  private static final long LOOK_AT_LOGS_SECONDS = 1;

  private final Lifecycle lifecycle;
  private final Members members;
  private final ContainerRecords records;
  private final Views views;
  private final Sizes sizes;
  private final List<Route> routes = new ArrayList<>();

  /**
   * All of it.
   *
   * @param showStrangers whether containers of others are listed unasked
   * @param execIds of the further processes in a container
   */
  public ContainerParts(
      Runtime runtime,
      ContainerRecords records,
      Events events,
      ExecutorService threads,
      ScheduledExecutorService timer,
      Clock clock,
      boolean showStrangers,
      Function<String, List<String>> execIds) {
    this.records = records;
    ContainerEvents told = new ContainerEvents(events);
    boolean layered = hasLayers(runtime);
    Networking networking = new Networking(runtime);
    members = new ContainerMembers(records, networking);
    Pods pods = new Pods(runtime, records, networking, layered);
    Attachments attachments = new Attachments(runtime);
    Waiters waiters = new Waiters();
    HealthChecks health = new HealthChecks(runtime, told, clock, threads, timer);
    lifecycle =
        new Lifecycle(
            runtime, records, pods, attachments, waiters, told, clock, threads, timer, health);
    Stopping stopping = new Stopping(runtime, records, lifecycle, waiters, told);
    Removing removing =
        new Removing(runtime, records, pods, stopping, lifecycle, waiters, told, layered);
    lifecycle.removeBy(
        container -> {
          try {
            removing.remove(container, true, true);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    views = new Views(runtime, records, clock);
    sizes = new Sizes(runtime);
    Strangers strangers = new Strangers(runtime);
    routes.addAll(
        new ContainerEndpoints(
                runtime,
                records,
                new Creation(runtime, records, told, clock, layered),
                lifecycle,
                stopping,
                removing,
                views,
                new Listing(runtime, records, views, sizes, strangers, showStrangers, clock),
                sizes,
                told,
                strangers,
                execIds)
            .routes());
    routes.addAll(
        new StreamEndpoints(records, attachments, waiters, told, threads, clock).routes());
    routes.addAll(new UsageEndpoints(runtime, records, clock).routes());
    LogTurning logs = new LogTurning(runtime, records);
    timer.scheduleWithFixedDelay(
        logs::look, LOOK_AT_LOGS_SECONDS, LOOK_AT_LOGS_SECONDS, TimeUnit.SECONDS);
  }

  private static boolean hasLayers(Runtime runtime) {
    try {
      runtime.layers().list(ListLayersRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == io.grpc.Status.Code.UNIMPLEMENTED) {
        return false;
      }
      throw e;
    }
  }

  /** The containers, as members of networks. */
  public Members members() {
    return members;
  }

  public List<Route> routes() {
    return List.copyOf(routes);
  }

  /** Takes up what an earlier engine left. */
  public void recover() {
    lifecycle.recover();
  }

  /** Adds how many there are to the answer of /info. */
  public void countInto(ObjectNode info) {
    List<DockerContainer> all = records.all();
    long running = all.stream().filter(each -> each.status() == Status.RUNNING).count();
    long paused = all.stream().filter(each -> each.status() == Status.PAUSED).count();
    info.put("Containers", all.size())
        .put("ContainersRunning", running)
        .put("ContainersPaused", paused)
        .put("ContainersStopped", all.size() - running - paused);
  }

  /** Of all containers, with their sizes: for /system/df. */
  public List<ObjectNode> usage() {
    Map<String, Long> layers = sizes.ofLayers();
    return records.all().stream()
        .map(
            container -> {
              ObjectNode view = views.summary(container);
              sizes.addTo(view, container, layers);
              return view;
            })
        .toList();
  }

  @Override
  public void close() {
    lifecycle.close();
  }
}
