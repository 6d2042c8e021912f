package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.nri.ConfigureRequest;
import io.gantry.proto.nri.ConfigureResponse;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.CreateContainerResponse;
import io.gantry.proto.nri.Empty;
import io.gantry.proto.nri.FailurePolicy;
import io.gantry.proto.nri.PodRequest;
import io.gantry.proto.nri.RegisterPluginRequest;
import io.gantry.proto.nri.StateChangeEvent;
import io.gantry.proto.nri.SynchronizeRequest;
import io.gantry.proto.nri.SynchronizeResponse;
import io.gantry.proto.nri.UpdateContainerRequest;
import io.gantry.proto.nri.UpdateResponse;
import io.gantry.proto.nri.ValidateContainerAdjustmentRequest;
import io.gantry.proto.nri.ValidateContainerAdjustmentResponse;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** The plugin's end of the wire. By default it takes everything and changes nothing. */
final class FakePlugin implements AutoCloseable {
  final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
  final BlockingQueue<MessageLite> requests = new LinkedBlockingQueue<>();
  private final Map<String, TtrpcService.Method> methods = new HashMap<>();
  private final Multiplexer multiplexer;
  private final ByteChannel served;
  private TtrpcClient runtime;
  private ConfigureResponse subscription = ConfigureResponse.getDefaultInstance();

  FakePlugin(ByteChannel trunk) {
    multiplexer = new Multiplexer(trunk);
    served = multiplexer.open(PluginCalls.PLUGIN_CHANNEL);
    runtime = TtrpcClient.over("runtime", multiplexer.open(PluginCalls.RUNTIME_CHANNEL));
    on("Configure", ConfigureRequest.parser(), request -> subscription);
    on(
        "Synchronize",
        SynchronizeRequest.parser(),
        request -> SynchronizeResponse.newBuilder().setMore(request.getMore()).build());
    for (String pod : List.of("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox")) {
      on(pod, PodRequest.parser(), request -> Empty.getDefaultInstance());
    }
    for (String container :
        List.of("PostCreateContainer", "StartContainer", "PostStartContainer", "RemoveContainer")) {
      on(container, ContainerRequest.parser(), request -> Empty.getDefaultInstance());
    }
    on(
        "CreateContainer",
        ContainerRequest.parser(),
        request -> CreateContainerResponse.getDefaultInstance());
    on(
        "UpdateContainer",
        UpdateContainerRequest.parser(),
        request -> UpdateResponse.getDefaultInstance());
    on("StopContainer", ContainerRequest.parser(), request -> UpdateResponse.getDefaultInstance());
    on("StateChange", StateChangeEvent.parser(), request -> Empty.getDefaultInstance());
    on(
        "ValidateContainerAdjustment",
        ValidateContainerAdjustmentRequest.parser(),
        request -> ValidateContainerAdjustmentResponse.getDefaultInstance());
  }

  /** Answers a call so from now on. */
  <T extends MessageLite> FakePlugin on(
      String method, Parser<T> parser, Function<T, MessageLite> answer) {
    methods.put(
        method,
        call -> {
          T request = call.argument(parser);
          calls.add(method);
          requests.add(request);
          call.reply(answer.apply(request));
        });
    return this;
  }

  /** Never answers a call. */
  FakePlugin silentOn(String method) {
    methods.put(method, call -> calls.add(method));
    return this;
  }

  /** Refuses a call. */
  FakePlugin refusing(String method, Exception failure) {
    methods.put(
        method,
        call -> {
          calls.add(method);
          throw failure;
        });
    return this;
  }

  FakePlugin without(String method) {
    methods.remove(method);
    return this;
  }

  FakePlugin subscribing(int events, FailurePolicy policy) {
    subscription =
        ConfigureResponse.newBuilder().setEvents(events).setFailurePolicy(policy).build();
    return this;
  }

  /** Begins to serve; what it answers is settled. */
  FakePlugin serve() throws IOException {
    TtrpcServer server =
        new TtrpcServer(
            List.of(new TtrpcService(PluginCalls.PLUGIN_SERVICE, methods)),
            Executors.newCachedThreadPool(FakePlugin::daemon),
            Executors.newSingleThreadScheduledExecutor(FakePlugin::daemon),
            TtrpcServer.MAX_MESSAGE_BYTES,
            count -> {});
    server.accept(served);
    multiplexer.start("fake plugin");
    return this;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fake-plugin");
    thread.setDaemon(true);
    return thread;
  }

  CompletableFuture<Empty> register(String index, String name) {
    return call(
        "RegisterPlugin",
        RegisterPluginRequest.newBuilder().setPluginIdx(index).setPluginName(name).build(),
        Empty.parser());
  }

  <T extends MessageLite> CompletableFuture<T> call(
      String method, MessageLite request, Parser<T> parser) {
    return runtime.call(PluginCalls.RUNTIME_SERVICE, method, request, parser, CallOptions.NONE);
  }

  @Override
  public void close() {
    multiplexer.close();
  }
}
