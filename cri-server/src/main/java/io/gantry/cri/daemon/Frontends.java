package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.proto.frontend.Frontend;
import io.gantry.proto.frontend.FrontendContext;
import io.gantry.proto.frontend.FrontendSettings;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The interfaces for clients of another kind, in this process: each gets a channel to the daemon's
 * own services that no socket is needed for.
 */
final class Frontends implements AutoCloseable {
  private static final String NAME = "gantryd";

  private final Server server;
  private final ManagedChannel channel;
  private final ExecutorService workers;
  private final List<Frontend.Running> running = new ArrayList<>();

  private Frontends(Server server, ManagedChannel channel, ExecutorService workers) {
    this.server = server;
    this.channel = channel;
    this.workers = workers;
  }

  /**
   * Starts what is on the class path, if the configuration wants any.
   *
   * @throws StartException if one cannot serve; none does then
   */
  static Frontends start(Config config, List<ServerServiceDefinition> services)
      throws StartException {
    ExecutorService workers = Executors.newCachedThreadPool(threads());
    try {
      var server = InProcessServerBuilder.forName(NAME).executor(workers);
      services.forEach(server::addService);
      ManagedChannel channel =
          InProcessChannelBuilder.forName(NAME)
              .executor(workers)
              .maxInboundMessageSize(Integer.MAX_VALUE)
              .build();
      Frontends frontends = new Frontends(server.build().start(), channel, workers);
      if (config.docker().settings().isPresent()) {
        frontends.startAll(config, config.docker().settings().get());
      }
      return frontends;
    } catch (IOException e) {
      workers.shutdownNow();
      throw new StartException("serve the Docker Engine API", e);
    }
  }

  private void startAll(Config config, FrontendSettings settings) throws IOException {
    FrontendContext context =
        new FrontendContext(
            channel,
            config.paths().docker(),
            config.server().listen().socket(),
            Release.version(),
            settings);
    try {
      for (Frontend frontend : ServiceLoader.load(Frontend.class)) {
        running.add(frontend.start(context));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    running.forEach(Frontend.Running::close);
    channel.shutdownNow();
    server.shutdownNow();
    try {
      server.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.shutdownNow();
  }

  @Override
  public String toString() {
    return running.toString();
  }

  private static java.util.concurrent.ThreadFactory threads() {
    var number = new AtomicInteger();
    return task -> {
      var thread = new Thread(task, "inside-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
