package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.nri.ConfigureRequest;
import io.gantry.proto.nri.ConfigureResponse;
import io.gantry.proto.nri.ContainerUpdate;
import io.gantry.proto.nri.Empty;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.StateChangeEvent;
import io.gantry.proto.nri.SynchronizeRequest;
import io.gantry.proto.nri.SynchronizeResponse;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plugin that has registered. One that gives no answer in time, or breaks off, is dropped, and
 * what was asked of it goes on without it unless it wants otherwise. Thread-safe.
 */
final class Plugin implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Plugin.class);

  private final PluginName name;
  private final PluginCalls calls;
  private final Duration limit;
  private final Subscription subscription;

  /** Requests wait here for each other, if the configuration asks for that. */
  private final Lock turn;

  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /** Events for which it lacks a call of their own. */
  private final Set<Event> byStateChange = ConcurrentHashMap.newKeySet();

  private Plugin(
      PluginName name, PluginCalls calls, Duration limit, Subscription subscription, Lock turn) {
    this.name = name;
    this.calls = calls;
    this.limit = limit;
    this.subscription = subscription;
    this.turn = turn;
    calls.closed().thenRun(() -> ready.completeExceptionally(new IOException("it is gone")));
  }

  /**
   * Configures a plugin that has registered.
   *
   * @param limit how long it may take for an answer
   * @throws IOException naming the plugin, if it refuses or gives no answer
   */
  static Plugin configure(
      PluginName name, PluginCalls calls, ConfigureRequest request, Duration limit, Lock turn)
      throws IOException, InterruptedException {
    try {
      ConfigureResponse answer =
          calls.call("Configure", request, ConfigureResponse.parser(), limit);
      return new Plugin(name, calls, limit, Subscription.of(answer), turn);
    } catch (IOException e) {
      throw new IOException("configure NRI plugin " + name + ": " + e.getMessage(), e);
    }
  }

  PluginName name() {
    return name;
  }

  boolean has(Event event) {
    return subscription.has(event);
  }

  /**
   * Tells it what there is, before any event.
   *
   * @param each how long it may take for each part
   * @return what it wants changed
   * @throws IOException if it refuses or gives no answer
   */
  List<ContainerUpdate> synchronize(List<SynchronizeRequest> parts, Duration each)
      throws IOException, InterruptedException {
    List<ContainerUpdate> updates = new ArrayList<>();
    for (SynchronizeRequest part : parts) {
      SynchronizeResponse answer =
          calls.call("Synchronize", part, SynchronizeResponse.parser(), each);
      if (part.getMore() && !answer.getMore()) {
        throw new IOException(
            "there is more than fits one message, and it does not take it in parts");
      }
      updates.addAll(answer.getUpdateList());
    }
    ready.complete(null);
    return updates;
  }

  /**
   * Asks it, if it has subscribed to the event.
   *
   * @return empty if it has not, or is gone, or was dropped for its silence
   * @throws IOException naming the plugin, if it refuses, or is silent and wants that to count
   */
  <T extends MessageLite> Optional<T> ask(Event event, MessageLite request, Parser<T> parser)
      throws IOException, InterruptedException {
    if (!subscription.has(event) || calls.closed().isDone() || !isSynchronized()) {
      return Optional.empty();
    }
    turn.lockInterruptibly();
    try {
      return call(event, request, parser);
    } catch (TtrpcException e) {
      if (e.code() == TtrpcCode.DEADLINE_EXCEEDED || e.code() == TtrpcCode.UNAVAILABLE) {
        silent(event, e);
        return Optional.empty();
      }
      throw new IOException(
          "NRI plugin %s refuses %s: %s".formatted(name, Requests.method(event), e.getMessage()),
          e);
    } finally {
      turn.unlock();
    }
  }

  /** What happens while it is being told what there is comes to it afterwards. */
  private boolean isSynchronized() throws InterruptedException {
    while (true) {
      try {
        ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (ExecutionException gone) {
        return false;
      } catch (TimeoutException e) {
        // Whoever synchronizes it drops it when its time is over.
        log.atDebug()
            .addKeyValue("plugin", name)
            .log("waiting for an NRI plugin's synchronization");
      }
    }
  }

  private <T extends MessageLite> Optional<T> call(
      Event event, MessageLite request, Parser<T> parser) throws IOException, InterruptedException {
    if (!byStateChange.contains(event)) {
      try {
        return Optional.of(calls.call(Requests.method(event), request, parser, limit));
      } catch (TtrpcException e) {
        if (e.code() != TtrpcCode.UNIMPLEMENTED) {
          throw e;
        }
        byStateChange.add(event);
      }
    }
    Optional<StateChangeEvent> change = Requests.stateChange(event, request);
    if (change.isPresent()) {
      calls.call("StateChange", change.get(), Empty.parser(), limit);
    }
    return Optional.empty();
  }

  private void silent(Event event, TtrpcException silence) throws IOException {
    boolean late = silence.code() == TtrpcCode.DEADLINE_EXCEEDED;
    if (!late || !subscription.policy().getKeepConnected()) {
      log.atWarn()
          .addKeyValue("plugin", name)
          .addKeyValue("request", Requests.method(event))
          .addKeyValue("error", silence.getMessage())
          .log("NRI plugin dropped");
      close();
    }
    // A validator that says nothing has not agreed.
    if (subscription.policy().getFailRequest() || event == Event.VALIDATE_CONTAINER_ADJUSTMENT) {
      throw new IOException(
          "NRI plugin %s has not handled %s, which must not be passed over: %s"
              .formatted(name, Requests.method(event), silence.getMessage()),
          silence);
    }
  }

  /** Completes when it is gone. */
  CompletableFuture<Void> closed() {
    return calls.closed();
  }

  @Override
  public void close() {
    calls.close();
  }
}
