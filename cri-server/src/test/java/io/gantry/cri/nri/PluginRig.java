package io.gantry.cri.nri;

import io.gantry.proto.nri.ConfigureRequest;
import io.gantry.proto.nri.SynchronizeRequest;
import io.gantry.proto.nri.UpdateContainersResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A plugin and the runtime's side of it. */
record PluginRig(FakePlugin fake, Plugin plugin, SocketPair sockets) implements AutoCloseable {
  static final Duration LIMIT = Duration.ofMillis(400);

  /** What the fake answers before it is connected. */
  @FunctionalInterface
  interface Setting {
    void of(FakePlugin fake);
  }

  /** A plugin that has registered, and knows of what there is. */
  static PluginRig connect(String index, String name, Setting setting) throws Exception {
    return connect(index, name, LIMIT, setting);
  }

  static PluginRig connect(String index, String name, Duration limit, Setting setting)
      throws Exception {
    SocketPair sockets = SocketPair.open();
    FakePlugin fake = new FakePlugin(sockets.there());
    setting.of(fake);
    fake.serve();
    PluginCalls calls =
        new PluginCalls(
            sockets.here(),
            new PluginCalls.Threads(
                Executors.newCachedThreadPool(PluginRig::daemon),
                Executors.newSingleThreadScheduledExecutor(PluginRig::daemon)),
            request -> new PluginName(request.getPluginIdx(), request.getPluginName()),
            request -> UpdateContainersResponse.getDefaultInstance());
    fake.register(index, name);
    PluginName registered = calls.awaitRegistration(Duration.ofSeconds(10));
    Plugin plugin =
        Plugin.configure(
            registered,
            calls,
            ConfigureRequest.getDefaultInstance(),
            limit,
            new ReentrantReadWriteLock().readLock());
    plugin.synchronize(List.of(SynchronizeRequest.getDefaultInstance()), Duration.ofSeconds(10));
    fake.calls.clear();
    fake.requests.clear();
    return new PluginRig(fake, plugin, sockets);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "plugin-rig");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() throws IOException {
    plugin.close();
    fake.close();
    sockets.close();
  }
}
