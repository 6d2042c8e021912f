package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.nri.Empty;
import io.gantry.proto.nri.RegisterPluginRequest;
import io.gantry.proto.nri.UpdateContainersRequest;
import io.gantry.proto.nri.UpdateContainersResponse;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The connection to one plugin: calls in both directions over one socket. No call waits longer than
 * it may, not even to be written to a plugin that reads nothing. Thread-safe.
 */
final class PluginCalls implements Closeable {
  /** The channel on which the runtime calls the plugin. */
  static final int PLUGIN_CHANNEL = 1;

  /** The channel on which the plugin calls the runtime. */
  static final int RUNTIME_CHANNEL = 2;

  static final String PLUGIN_SERVICE = "nri.pkg.api.v1alpha1.Plugin";
  static final String RUNTIME_SERVICE = "nri.pkg.api.v1alpha1.Runtime";

  private final Multiplexer multiplexer;
  private final TtrpcClient client;
  private final TtrpcServer server;
  private final ScheduledExecutorService timers;
  private final CompletableFuture<PluginName> registered = new CompletableFuture<>();

  /** What runs a plugin's calls and ends those that last too long. */
  record Threads(Executor executor, ScheduledExecutorService timers) {}

  /** Carries out UpdateContainers. */
  @FunctionalInterface
  interface Updates {
    UpdateContainersResponse update(UpdateContainersRequest request) throws Exception;
  }

  /**
   * @param trunk the connected socket, owned from now on
   * @param naming what the plugin is called that registers so; throws IllegalArgumentException
   */
  PluginCalls(
      ByteChannel trunk,
      Threads threads,
      Function<RegisterPluginRequest, PluginName> naming,
      Updates updates)
      throws IOException {
    timers = threads.timers();
    multiplexer = new Multiplexer(trunk);
    ByteChannel toPlugin = multiplexer.open(PLUGIN_CHANNEL);
    ByteChannel fromPlugin = multiplexer.open(RUNTIME_CHANNEL);
    server =
        new TtrpcServer(
            List.of(new TtrpcService(RUNTIME_SERVICE, methods(naming, updates))),
            threads.executor(),
            timers,
            TtrpcServer.MAX_MESSAGE_BYTES,
            count -> {});
    client = TtrpcClient.over("NRI plugin", toPlugin);
    server.accept(fromPlugin);
    multiplexer.start("nri");
    client.closed().thenRun(() -> registered.completeExceptionally(gone()));
  }

  private static TtrpcException gone() {
    return new TtrpcException(TtrpcCode.UNAVAILABLE, "its connection was closed");
  }

  private Map<String, TtrpcService.Method> methods(
      Function<RegisterPluginRequest, PluginName> naming, Updates updates) {
    return Map.of(
        "RegisterPlugin",
        call -> {
          try {
            registered.complete(naming.apply(call.argument(RegisterPluginRequest.parser())));
          } catch (IllegalArgumentException e) {
            registered.completeExceptionally(e);
            throw new TtrpcException(TtrpcCode.INVALID_ARGUMENT, e.getMessage(), e);
          }
          call.reply(Empty.getDefaultInstance());
        },
        "UpdateContainers",
        call -> call.reply(updates.update(call.argument(UpdateContainersRequest.parser()))));
  }

  /**
   * Waits for the plugin to name itself.
   *
   * @throws IOException if it does not in time, or wrongly, or goes
   */
  PluginName awaitRegistration(Duration limit) throws IOException, InterruptedException {
    return await(registered, limit, "it has not registered");
  }

  /**
   * Calls the plugin.
   *
   * @throws TtrpcException the plugin's own error; or DEADLINE_EXCEEDED, or UNAVAILABLE if the
   *     connection is gone
   */
  <T extends MessageLite> T call(
      String method, MessageLite request, Parser<T> parser, Duration limit)
      throws IOException, InterruptedException {
    CompletableFuture<T> answer;
    // A plugin that has stopped reading blocks the write itself; only closing ends that.
    ScheduledFuture<?> guard =
        timers.schedule(this::close, limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      answer = client.call(PLUGIN_SERVICE, method, request, parser, CallOptions.within(limit));
    } finally {
      guard.cancel(false);
    }
    return await(answer, limit, "it has not answered " + method);
  }

  private static <T> T await(CompletableFuture<T> future, Duration limit, String what)
      throws IOException, InterruptedException {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TtrpcException(
          TtrpcCode.DEADLINE_EXCEEDED, what + " within " + limit.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TtrpcException failed) {
        throw new TtrpcException(failed.code(), failed.getMessage(), failed);
      }
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Completes when the connection is gone. */
  CompletableFuture<Void> closed() {
    return client.closed();
  }

  @Override
  public void close() {
    multiplexer.close();
    client.close();
    try {
      server.close();
    } catch (IOException e) {
      // It listens to nothing; its only connection is closed already.
    }
  }
}
