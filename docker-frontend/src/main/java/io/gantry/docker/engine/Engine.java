package io.gantry.docker.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.api.Router;
import io.gantry.docker.engine.build.BuildEndpoints;
import io.gantry.docker.engine.container.ContainerEvents;
import io.gantry.docker.engine.container.ContainerParts;
import io.gantry.docker.engine.event.EventEndpoints;
import io.gantry.docker.engine.event.Events;
import io.gantry.docker.engine.exec.ExecEndpoints;
import io.gantry.docker.engine.files.CommitEndpoint;
import io.gantry.docker.engine.files.FileEndpoints;
import io.gantry.docker.engine.http.HttpServer;
import io.gantry.docker.engine.image.ImageEndpoints;
import io.gantry.docker.engine.network.NetworkEndpoints;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.docker.engine.system.Absent;
import io.gantry.docker.engine.system.DiskUsage;
import io.gantry.docker.engine.system.NodeFacts;
import io.gantry.docker.engine.system.SystemEndpoints;
import io.gantry.docker.engine.volume.VolumeEndpoints;
import io.gantry.proto.frontend.Frontend;
import io.gantry.proto.frontend.FrontendContext;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ListImageDetailsRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts the engine's parts together: each group of endpoints is made here, with what it needs, and
 * gives its routes.
 */
final class Engine implements Frontend.Running {
  private final ExecutorService threads = Executors.newCachedThreadPool(named("engine-work-"));
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(named("engine-timer-"));
  private final Clock clock = Clock.systemUTC();
  private final Events events = new Events(clock);
  private final Path socket;
  private final ContainerParts containers;
  private final HttpServer server;

  private Engine(FrontendContext context) throws IOException {
    Files.createDirectories(context.root());
    socket = context.settings().socket();
    Runtime runtime = new Runtime(context.channel());
    ContainerRecords records = ContainerRecords.open(context.root().resolve("containers"));
    ExecEndpoints execs =
        new ExecEndpoints(runtime, records, new ContainerEvents(events), threads, clock);
    containers =
        new ContainerParts(
            runtime,
            records,
            events,
            threads,
            timer,
            clock,
            context.settings().showPods(),
            execs::idsOf);
    List<Route> routes = new ArrayList<>();
    routes.addAll(
        new SystemEndpoints(
                new NodeFacts(context.channel()),
                context.version(),
                info -> count(containers, runtime, info))
            .routes());
    routes.addAll(new DiskUsage(context.channel(), containers::usage).routes());
    routes.addAll(new EventEndpoints(events, clock).routes());
    routes.addAll(
        new ImageEndpoints(
                context.channel(),
                (action, id, attributes) -> events.tell("image", action, id, attributes))
            .routes());
    routes.addAll(
        new VolumeEndpoints(
                runtime,
                records,
                (action, id, attributes) -> events.tell("volume", action, id, attributes))
            .routes());
    routes.addAll(new FileEndpoints(runtime, records, context.channel()).routes());
    routes.addAll(
        new CommitEndpoint(
                runtime,
                records,
                (action, id, attributes) -> events.tell("container", action, id, attributes))
            .routes());
    routes.addAll(containers.routes());
    routes.addAll(execs.routes());
    routes.addAll(new BuildEndpoints(context.channel()).routes());
    routes.addAll(
        new NetworkEndpoints(
                context.channel(),
                containers.members(),
                (action, id, attributes) -> events.tell("network", action, id, attributes))
            .routes());
    routes.addAll(Absent.routes());
    containers.recover();
    server =
        HttpServer.start(context.settings(), new Dispatch(new Router(routes), context.version()));
  }

  static Engine start(FrontendContext context) throws IOException {
    return new Engine(context);
  }

  private static void count(ContainerParts containers, Runtime runtime, ObjectNode info) {
    containers.countInto(info);
    int images = 0;
    Iterator<ImageDetails> all =
        runtime.images().list(ListImageDetailsRequest.getDefaultInstance());
    while (all.hasNext()) {
      all.next();
      images++;
    }
    info.put("Images", images);
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    containers.close();
    server.close();
    timer.shutdownNow();
    threads.shutdownNow();
  }

  @Override
  public String toString() {
    return "unix://" + socket;
  }
}
